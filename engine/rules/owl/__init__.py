"""OWL files: parses them, checks them against the schema, writes them in a stable form. Knows nothing of music."""
