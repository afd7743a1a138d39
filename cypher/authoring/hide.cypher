CYPHER 25
// Individuals that a draft does without: they lose their classes and what leads to them, and no query finds them. Only in
// a transaction that is taken back. One row: how many.
//
// param   ids     LIST<STRING>
// column  hidden  INTEGER
MATCH (individual:Individual) WHERE individual.id IN $ids
CALL (individual) { OPTIONAL MATCH (individual)-[link]-(:Individual) DELETE link }
WITH individual, [label IN labels(individual) WHERE label <> 'Individual'] AS classes
REMOVE individual:$(classes)
RETURN count(*) AS hidden
