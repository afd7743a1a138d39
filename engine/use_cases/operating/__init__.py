"""Use cases for operators: server, load, backup."""
