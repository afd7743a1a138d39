"""OWL files: parsed, held against the schema, written in a stable form. Knows RDF; knows nothing of music."""
