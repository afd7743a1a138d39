"""The ontology of the therapists: reads it into values, checks it, and reasons over it.

The only package that imports rdflib and owlready2.
"""

from engine.rules.checks.findings import Finding
from engine.rules.drafting import Draft, normalise, write_module
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

__all__ = ["Draft", "Finding", "Individual", "Ontology", "normalise", "write_module"]
