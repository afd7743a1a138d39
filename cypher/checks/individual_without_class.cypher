CYPHER 25
// Problem: An individual of the ontology reached the graph and has no class, so no query finds it.
// Repair: Give it a class in its module, then run `isopath load`.
// One row per individual.
//
// column  id     STRING
// column  label  STRING
MATCH (individual:Individual)
WHERE labels(individual) = ['Individual']
RETURN individual.id AS id, individual.label AS label
ORDER BY id
