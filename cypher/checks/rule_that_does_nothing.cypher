CYPHER 25
// Problem: A published rule lacks what makes it a rule (a condition with a sign, a stage, a goal, an effect), so it
// holds never, or holds and changes nothing.
// Repair: Complete the rule in ontology/rules, or set its status to draft.
// One row per rule.
//
// column  rule_id  STRING
// column  lacks    LIST<STRING>
MATCH (rule:Rule {status: 'published'})
LET lacks = CASE WHEN EXISTS { (rule)-[:WHEN]->(:Condition)-[:ON]->(:Sign) } THEN [] ELSE ['when'] END
  + CASE WHEN EXISTS { (rule)-[:AT]->(:StageScope) } THEN [] ELSE ['at'] END
  + CASE WHEN EXISTS { (rule)-[:FOR]->(:GoalScope) } THEN [] ELSE ['for'] END
  + CASE WHEN EXISTS { (rule)-[:DOES]->(:Effect) } THEN [] ELSE ['does'] END
FILTER lacks <> []
RETURN rule.id AS rule_id, lacks
ORDER BY rule_id
