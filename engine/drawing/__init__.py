"""Draws pictures and pages of a journey from given values; makes no queries and writes no files.

The command line, the service and the desk use it, so that a journey looks the same everywhere. Imports no other room;
Jinja2 fills its templates.
"""
