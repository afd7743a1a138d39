"""Checks of a whole ontology: numbers, conflicts of rules, coverage of feelings."""
