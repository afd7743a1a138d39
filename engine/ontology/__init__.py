"""The ontology: what therapists wrote, read into values, checked, and reasoned over.

The only door to rdflib and owlready2.
"""

from engine.ontology.drafting import Draft, normalise, write_module
from engine.ontology.findings import Finding
from engine.ontology.individuals import Individual
from engine.ontology.ontology import Ontology

__all__ = ["Draft", "Finding", "Individual", "Ontology", "normalise", "write_module"]
