CYPHER 25
// Which of these ids are those of kept journeys. One row each.
//
// param   ids  LIST<STRING>
// column  id   STRING
UNWIND $ids AS id
MATCH (journey:Journey {id: id})
RETURN DISTINCT journey.id AS id
