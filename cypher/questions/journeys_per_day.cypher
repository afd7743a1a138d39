CYPHER 25
// Journeys that are kept, day by day; those that were erased, or never kept, are not counted. One row per day and goal.
//
// title   Journeys per day
// chart   line  x=day y=journeys by=goal
// column  day       DATE     where the listener was
// column  goal      STRING
// column  journeys  INTEGER
// column  minutes   FLOAT    of music, all together
MATCH (journey:Journey)
RETURN journey.day AS day, journey.goal AS goal, count(*) AS journeys, sum(journey.minutes) AS minutes
ORDER BY day, goal
