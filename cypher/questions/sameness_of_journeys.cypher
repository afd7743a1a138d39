CYPHER 25
// How alike the journeys to each goal are: what two of them, drawn at random, share. One row per goal.
//
// title   Sameness of journeys
// chart   bar  x=goal y=share
// column  goal      STRING
// column  journeys  INTEGER
// column  tracks    FLOAT    mean length of a journey, tracks
// column  different INTEGER  tracks that these journeys play in all
// column  shared    FLOAT    tracks that two journeys have in common, mean over all pairs
// column  share     FLOAT    the same of a journey's length, 0..1
MATCH (journey:Journey)
WITH journey.goal AS goal, count(*) AS journeys, collect(journey) AS kept WHERE journeys > 1
UNWIND kept AS journey
MATCH (journey)-[:HAS_STEP]->(:Step)-[:PLAYS]->(track)
WITH goal, journeys, track, count(DISTINCT journey) AS plays
// A track in n journeys is shared by n (n - 1) / 2 pairs: no pair needs to be looked at.
WITH goal, journeys, count(*) AS different, sum(plays) AS places, sum(plays * (plays - 1.0)) AS pairs
LET tracks = toFloat(places) / journeys, shared = pairs / (journeys * (journeys - 1.0))
RETURN goal, journeys, tracks, different, shared, shared / tracks AS share
ORDER BY share DESC, goal
