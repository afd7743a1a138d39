CYPHER 25
// Every individual of the ontology has an id of its own, whatever its class. No rows.
CREATE CONSTRAINT unique_individual IF NOT EXISTS FOR (n:Individual) REQUIRE n.id IS UNIQUE
