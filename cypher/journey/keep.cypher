CYPHER 25
// Keeps a journey: its steps, the rules that allowed each, the version it came from. Nothing of what was written or read of
// the person. One row.
//
// param   journey  MAP        {id, seed, goal, minutes}, the measures of its quality, and liked: true where a wish coloured it
// param   models   MAP        names and checksums of the models
// param   steps    LIST<MAP>  {position, stage, track_id, rule_ids, because, similarity, cue_fit}
// column  id  STRING
MATCH (version:Version {current: true})
CREATE (journey:Journey)
SET journey = $journey, journey += $models, journey.created = datetime()
CREATE (journey)-[:UNDER]->(version)
WITH journey
MATCH (goal:Goal {id: journey.goal})
CREATE (journey)-[:LEADS_TO]->(goal)
WITH journey
UNWIND $steps AS one
MATCH (track:Track {id: one.track_id}), (stage:Stage {id: one.stage})
CREATE (journey)-[:HAS_STEP {position: one.position}]->(step:Step {position: one.position, because: one.because, similarity: one.similarity,
        cue_fit: one.cue_fit}), (step)-[:PLAYS]->(track), (step)-[:IN]->(stage)
WITH journey, one, step
CALL (one, step) {
  MATCH (rule:Rule) WHERE rule.id IN one.rule_ids
  CREATE (step)-[:ALLOWED_BY]->(rule)
}
RETURN DISTINCT journey.id AS id
