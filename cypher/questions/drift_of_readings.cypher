CYPHER 25
// How strongly each sign was read, month by month, over the journeys whose listeners let their reading be kept. A sign that
// was not read in a journey counts as 0 there. One row per month and sign.
//
// title   Drift of readings
// chart   line  x=month y=mean by=sign
// param   least  INTEGER = 5  journeys that a month needs
// column  month     STRING   as in 2026-11
// column  sign      STRING   emotion, marker or context
// column  journeys  INTEGER  of the month, kept with their reading
// column  read      INTEGER  those in which the sign was read
// column  mean      FLOAT    score, 0..1
MATCH (journey:Journey) WHERE EXISTS { (journey)-[:READ]->() }
WITH substring(toString(journey.day), 0, 7) AS month, collect(journey) AS kept
WHERE size(kept) >= $least
UNWIND kept AS journey
MATCH (journey)-[said:READ]->(sign)
WITH month, size(kept) AS journeys, sign.id AS sign, count(*) AS read, sum(said.score) AS total
RETURN month, sign, journeys, read, total / journeys AS mean
ORDER BY month, mean DESC, sign
