CYPHER 25
// Keeps a journey: its steps, the version it came from, the day. Nothing of what was written; what was felt, and the rules
// that name it, only where the person asked for that. One row.
//
// param   journey  MAP        {id, seed, goal, minutes}, the measures of its quality, liked: true where a wish
//                             coloured it, and chinese: true where it was answered so
// param   version  STRING     id of the Version that it came from: the graph may serve a later one by now
// param   models   MAP        checksums of the models
// param   day      DATE       the person's own
// param   steps    LIST<MAP>  {position, stage, track_id, rule_ids, measures}; measures are {similarity, cue_fit}; both empty unless asked for
// param   signs    LIST<MAP>  {id, score}: emotions, markers and contexts as the rules saw them; empty unless asked for
// column  id      STRING
// column  number  INTEGER  the first of the day is 1
MATCH (version:Version {id: $version})
SET version.id = version.id  // A lock: two journeys of one moment get two numbers. A load may write all else meanwhile.
WITH version
OPTIONAL MATCH (other:Journey {day: $day})
WITH version, coalesce(max(other.number), 0) + 1 AS number
CREATE (journey:Journey)
SET journey = $journey, journey += $models, journey.day = $day, journey.number = number
CREATE (journey)-[:UNDER]->(version)
WITH journey
MATCH (goal:Goal {id: journey.goal})
CREATE (journey)-[:LEADS_TO]->(goal)
WITH journey
CALL (journey) {
  UNWIND $signs AS read
  MATCH (sign:Sign&Individual {id: read.id})
  CREATE (journey)-[:READ {score: read.score}]->(sign)
}
UNWIND $steps AS one
MATCH (track:Track {id: one.track_id}), (stage:Stage {id: one.stage})
CREATE (journey)-[:HAS_STEP {position: one.position}]->(step:Step {position: one.position}), (step)-[:PLAYS]->(track), (step)-[:IN]->(stage)
SET step += one.measures
WITH journey, one, step
CALL (one, step) {
  MATCH (rule:Rule) WHERE rule.id IN one.rule_ids
  CREATE (step)-[:ALLOWED_BY]->(rule)
}
RETURN DISTINCT journey.id AS id, journey.number AS number
