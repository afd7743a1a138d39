CYPHER 25
// Journeys that an older release kept to the second get their day and their number within it. What goes at
// `load/reduce_journeys` is written over first, as in `kept/blank`. Asked until none is left, since one transaction has no
// memory for all. One row: how many.
//
// param   most   INTEGER  journeys at most
// column  dated  INTEGER
MATCH (journey:Journey) WHERE journey.created IS NOT NULL AND journey.number IS NULL
WITH journey ORDER BY journey.created, journey.id LIMIT $most
CALL (journey) {
  MATCH (journey)-[:HAS_STEP]->(step)
  FOREACH (key IN [key IN ['similarity', 'cue_fit'] WHERE step[key] IS NOT NULL] | SET step[key] = 0.0)
}
WITH date(journey.created) AS day, journey ORDER BY journey.created, journey.id
WITH day, collect(journey) AS journeys
LET others = coalesce(COLLECT { MATCH (other:Journey {day: day}) RETURN max(other.number) AS last }[0], 0)
UNWIND range(1, size(journeys)) AS place
WITH day, others + place AS number, journeys[place - 1] AS journey
SET journey.day = day, journey.number = number, journey.created = datetime({epochSeconds: 0})
RETURN count(*) AS dated
