CYPHER 25
// Links individuals: an object property becomes a relationship. One row: how many.
//
// param   links    LIST<MAP>  {source, type, target}: ids, and the relationship's type
// column  written  INTEGER
UNWIND $links AS row
MATCH (source:Individual {id: row.source})
MATCH (target:Individual {id: row.target})
CREATE (source)-[:$(row.type)]->(target)
RETURN count(*) AS written
