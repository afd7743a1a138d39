CYPHER 25
// Which rules let each track of a journey in, and on whose evidence. Only a journey kept with its reading names rules. One row
// per step and rule.
//
// title   Reasons of a journey
// chart   table
// param   journey_id  STRING = null  id of a Journey; null: the one kept last with its reading
// column  journey_id  STRING
// column  position    INTEGER       1 is the first
// column  stage       STRING
// column  track_id    STRING
// column  title       STRING
// column  rule_id     STRING
// column  label       STRING
// column  tier        STRING        safety, clinical or taste
// column  signs       LIST<STRING>  what was read that its conditions are on
// column  evidence    LIST<STRING>  keys
MATCH (journey:Journey) WHERE ($journey_id IS NULL OR journey.id = $journey_id) AND EXISTS { (journey)-[:READ]->() }
WITH journey ORDER BY journey.day DESC, journey.number DESC, journey.id LIMIT 1
MATCH (journey)-[:HAS_STEP]->(step:Step)-[:PLAYS]->(track), (step)-[:IN]->(stage), (step)-[:ALLOWED_BY]->(rule)
RETURN journey.id AS journey_id, step.position AS position, stage.id AS stage, track.id AS track_id, track.title AS title,
       rule.id AS rule_id, rule.label AS label, rule.tier AS tier,
       COLLECT {
         MATCH (journey)-[:READ]->(sign) WHERE EXISTS { (rule)-[:WHEN]->(:Condition)-[:ON]->()<-[:IN|READ_AS|TO]-{0,2}(sign) }
         RETURN sign.id ORDER BY sign.id
       } AS signs,
       COLLECT { MATCH (rule)-[:CLAIMS]->(:Claim)-[:SUPPORTED_BY]->(source:Evidence) RETURN DISTINCT source.key ORDER BY source.key } AS evidence
ORDER BY position, CASE tier WHEN 'safety' THEN 0 WHEN 'clinical' THEN 1 ELSE 2 END, rule_id
