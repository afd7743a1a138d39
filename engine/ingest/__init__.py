"""A listener's own music in the graph: files are found, heard, given vectors, written, told of, and forgotten."""
