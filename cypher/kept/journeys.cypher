CYPHER 25
// Journeys that are kept, in the order in which they were planned. One row each.
//
// column  id       STRING
// column  day      STRING   as in 2026-11-28
// column  number   INTEGER  the first of the day is 1
// column  goal     STRING
// column  minutes  FLOAT
// column  tracks   INTEGER  how many
// column  first    STRING   title of the first track
// column  last     STRING   title of the last one
// column  reading  BOOLEAN  what was felt, and the rules, are kept with it
MATCH (journey:Journey)
RETURN journey.id AS id, toString(journey.day) AS day, journey.number AS number, journey.goal AS goal, journey.minutes AS minutes,
       COUNT { (journey)-[:HAS_STEP]->() } AS tracks,
       head(COLLECT { MATCH (journey)-[at:HAS_STEP]->()-[:PLAYS]->(track) RETURN track.title ORDER BY at.position LIMIT 1 }) AS first,
       head(COLLECT { MATCH (journey)-[at:HAS_STEP]->()-[:PLAYS]->(track) RETURN track.title ORDER BY at.position DESC LIMIT 1 }) AS last,
       EXISTS { (journey)-[:READ]->() } AS reading
ORDER BY day, number, id
