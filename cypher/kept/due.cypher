CYPHER 25
// Journeys that were planned before a day, and of how many that were erased the places are not filled yet. One row.
//
// param   before    DATE     null for none
// column  ids       LIST<STRING>
// column  unfilled  INTEGER  null where no erasing broke off
// column  texts     BOOLEAN  whether texts are among what is to be filled; null with `unfilled`
OPTIONAL MATCH (mark:Unfilled)
WITH max(mark.journeys) AS unfilled, any(texts IN collect(mark.texts) WHERE texts) AS texts
LET ids = COLLECT { MATCH (journey:Journey) WHERE journey.day < $before RETURN journey.id AS id ORDER BY id }
RETURN ids, unfilled, CASE WHEN unfilled IS NOT NULL THEN texts END AS texts
