CYPHER 25
// Problem: A step of a stored journey plays no track or stands in no stage; or names no rule that allowed it, where the
// journey was kept with its reading (--keep-reading: the others keep no rules, since those tell what was felt).
// Repair: Plan the journey again; nothing enters a journey unasked, so this is a fault of the planner: report it.
// One row per step.
//
// column  journey_id  STRING
// column  position    INTEGER
MATCH (journey:Journey)-[part:HAS_STEP]->(step)
WHERE NOT (EXISTS { (step)-[:PLAYS]->(:Track|Retired) } AND EXISTS { (step)-[:IN]->() })
   OR EXISTS { (journey)-[:READ]->() } AND NOT EXISTS { (step)-[:ALLOWED_BY]->() }
RETURN journey.id AS journey_id, part.position AS position
ORDER BY journey_id, position
