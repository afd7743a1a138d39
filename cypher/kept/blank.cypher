CYPHER 25
// Writes over journeys where they stand, which a server does in place: deleting alone leaves the old bytes in its files.
// They are journeys no longer, and `kept/clear` takes them out. Values keep their size. One row: how many.
//
// param   ids      LIST<STRING>  of journeys
// column  blanked  INTEGER
MATCH (journey:Journey) WHERE journey.id IN $ids
CALL (journey) {
  MATCH (journey)-[part:HAS_STEP]->(step)
  SET part.position = 0, step.position = 0, step:Erasing
  REMOVE step:Step
  FOREACH (key IN [key IN keys(step) WHERE step[key] IS :: FLOAT] | SET step[key] = 0.0)
}
CALL (journey) {
  MATCH (journey)-[read:READ]->()
  SET read.score = 0.0
}
FOREACH (key IN [key IN keys(journey) WHERE journey[key] IS :: FLOAT] | SET journey[key] = 0.0)
SET journey.id = 'ffffffff-ffff-4fff-8fff-ffffffffff0f', journey.day = date({year: 1970}), journey.number = 0, journey.seed = 0, journey:Erasing
REMOVE journey:Journey
RETURN count(*) AS blanked
