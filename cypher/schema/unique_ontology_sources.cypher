CYPHER 25
// The files of a version stand in the graph once. No rows.
CREATE CONSTRAINT unique_ontology_sources IF NOT EXISTS FOR (n:OntologySources) REQUIRE n.id IS UNIQUE
