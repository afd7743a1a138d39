"""`isopath ontology …`: what an author of rules asks for, a module for each kind of question."""
