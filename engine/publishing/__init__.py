"""Which version of the ontology serves, and its files.

Knows files and hashes, and nothing of what they say: the gate asks it before anything else is opened.
"""
