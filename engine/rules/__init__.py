"""The ontology: what therapists wrote, read into values, checked, and reasoned over.

The only door to rdflib and owlready2.
"""

from engine.rules.checks.findings import Finding
from engine.rules.drafting import Draft, normalise, write_module
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

__all__ = ["Draft", "Finding", "Individual", "Ontology", "normalise", "write_module"]
