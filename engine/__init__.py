"""The reasoning, the graph door, the local server and the command line. No HTTP, no model weights."""
