CYPHER 25
// Writes individuals: class and ancestors as labels, data properties as they are. What a node had before goes.
// One row: how many.
//
// param   individuals  LIST<MAP>  {id, labels, properties}
// column  written      INTEGER
UNWIND $individuals AS row
MERGE (individual:Individual {id: row.id})
SET individual = row.properties, individual.id = row.id
WITH individual, row, [label IN labels(individual) WHERE label <> 'Individual' AND NOT label IN row.labels] AS stale
REMOVE individual:$(stale)
SET individual:$(row.labels)
RETURN count(*) AS written
