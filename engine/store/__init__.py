"""The content of the graph: loads of ontology and catalogue, the vector indexes, versions, kept journeys.

Everything that writes to the graph is here or in `ingest`. Imports `graph`, `rules` and `encoders`.
"""
