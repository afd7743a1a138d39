"""The ontology: what therapists wrote, read into values, checked, and reasoned over.

The only door to rdflib and owlready2.
"""

from engine.ontology.drafting import Draft, normalise, write_module

__all__ = ["Draft", "normalise", "write_module"]
