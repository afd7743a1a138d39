"""Trains the multilingual part of the emotion model, and the table that tells languages apart."""
