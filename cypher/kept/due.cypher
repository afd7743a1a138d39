CYPHER 25
// Journeys that were planned before a day, and whether an erasing broke off. One row.
//
// param   before      DATE     null for none
// column  ids         LIST<STRING>
// column  unfinished  BOOLEAN
RETURN COLLECT { MATCH (journey:Journey) WHERE journey.day < $before RETURN journey.id AS id ORDER BY id } AS ids,
       EXISTS { (:Erasing) } AS unfinished
