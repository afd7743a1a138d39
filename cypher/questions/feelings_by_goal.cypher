CYPHER 25
// What was read in journeys to each goal, over those whose listeners let their reading be kept. One row per goal and sign.
//
// title   Feelings by goal
// chart   heatmap  x=goal y=sign value=share
// column  goal      STRING
// column  sign      STRING   emotion, marker or context
// column  journeys  INTEGER  to the goal, kept with their reading
// column  read      INTEGER  those in which the sign was read
// column  share     FLOAT    read of journeys, 0..1
MATCH (journey:Journey) WHERE EXISTS { (journey)-[:READ]->() }
WITH journey.goal AS goal, collect(journey) AS kept
UNWIND kept AS journey
MATCH (journey)-[:READ]->(sign)
WITH goal, size(kept) AS journeys, sign.id AS sign, count(*) AS read
RETURN goal, sign, journeys, read, toFloat(read) / journeys AS share
ORDER BY goal, share DESC, sign
