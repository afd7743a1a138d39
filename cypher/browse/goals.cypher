CYPHER 25
// Where a journey can lead. One row per goal.
//
// column  id            STRING
// column  label         STRING
// column  definition    STRING
// column  minutes_low   FLOAT
// column  minutes_best  FLOAT  what is taken where nobody asked for a length
// column  minutes_high  FLOAT
MATCH (goal:Goal)
RETURN goal.id AS id, goal.label AS label, goal.definition AS definition, toFloat(goal.minutes_low) AS minutes_low,
       toFloat(goal.minutes_best) AS minutes_best, toFloat(goal.minutes_high) AS minutes_high
ORDER BY id
