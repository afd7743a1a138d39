"""What the graph holds: loads of ontology and catalogue, the vector index, versions, kept journeys.

Everything that writes to the graph is here or in `ingest`. Imports `graph`, `rules` and `encoders`.
"""
