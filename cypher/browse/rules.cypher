CYPHER 25
// The rules that are published, by id. One row per rule.
//
// param   after  STRING   id of the last rule that was read; empty to begin
// param   count  INTEGER  rules to read at most
// column  id          STRING
// column  label       STRING
// column  definition  STRING
// column  tier        STRING        safety, clinical or taste
// column  priority    INTEGER       1 goes first
// column  stages      LIST<STRING>
// column  goals       LIST<STRING>
MATCH (rule:Rule {status: 'published'}) WHERE rule.id > $after
WITH rule ORDER BY rule.id LIMIT $count
RETURN rule.id AS id, rule.label AS label, rule.definition AS definition, rule.tier AS tier, rule.priority AS priority,
       COLLECT { MATCH (rule)-[:AT]->(stage:StageScope) RETURN stage.id ORDER BY stage.order, stage.id } AS stages,
       COLLECT { MATCH (rule)-[:FOR]->(goal:GoalScope) RETURN goal.id ORDER BY goal.id } AS goals
ORDER BY id
