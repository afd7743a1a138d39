"""Checks over a whole ontology: numbers, rules that meet, coverage of feelings."""
