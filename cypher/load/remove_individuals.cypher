CYPHER 25
// Individuals that are gone from the ontology and that nothing tells of. One row: how many.
//
// param   ids      LIST<STRING>  of all individuals that are loaded
// column  removed  INTEGER
MATCH (individual:Individual)
WHERE NOT individual.id IN $ids AND NOT EXISTS { (individual)<--(teller) WHERE NOT teller:Individual }
DETACH DELETE individual
RETURN count(*) AS removed
