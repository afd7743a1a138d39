CYPHER 25
// How long each stage of the kept journeys is. One row per goal and stage.
//
// title   Length of stages
// chart   bar  x=stage y=minutes by=goal
// column  goal      STRING
// column  stage     STRING
// column  journeys  INTEGER
// column  steps     FLOAT    mean
// column  minutes   FLOAT    mean
// column  share     FLOAT    of all minutes to that goal, 0..1
MATCH (journey:Journey)-[:HAS_STEP]->(step:Step)-[:IN]->(stage), (step)-[:PLAYS]->(track)
WITH journey.goal AS goal, stage, count(DISTINCT journey) AS journeys, count(*) AS steps, sum(coalesce(track.seconds, 0.0)) / 60 AS minutes
WITH goal, sum(minutes) AS total, collect({stage: stage, journeys: journeys, steps: steps, minutes: minutes}) AS rows
UNWIND rows AS row
RETURN goal, row.stage.id AS stage, row.journeys AS journeys, toFloat(row.steps) / row.journeys AS steps, row.minutes / row.journeys AS minutes,
       CASE WHEN total > 0 THEN row.minutes / total ELSE 0.0 END AS share
ORDER BY goal, row.stage.order
