CYPHER 25
// Rules that do not hold and were not far from it: what each would still have needed. One row per rule, nearest first.
//
// param   scores  MAP     sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1.0
// param   levels  MAP     sign id -> {present, strong}: thresholds, 0..1; 0.5 where none is given
// param   goal    STRING  id of a Goal
// param   within  FLOAT   how much of a score may be missing, 0..1
// column  rule_id   STRING
// column  label     STRING
// column  short     FLOAT         what its weakest condition lacks
// column  missing   LIST<STRING>  signs, any of which would have done
// column  defeated  LIST<STRING>  signs that defeat it (UNLESS)
MATCH (rule:Rule {status: 'published'})-[:FOR]->(scope:GoalScope) WHERE scope.id IN [$goal, 'any-goal']
MATCH (rule)-[:WHEN]->(condition:Condition)
CALL (condition) {
  MATCH (condition)-[:ON]->(:Sign)<-[:IN|READ_AS|TO]-{0,2}(sign:Sign)
  WITH DISTINCT sign, coalesce($scores[sign.id], toInteger(sign.held), 0) - coalesce($levels[sign.id][condition.level], 0.5) AS margin
  WITH max(margin) AS margin, collect({id: sign.id, margin: margin}) AS signs
  RETURN margin, CASE WHEN margin < 0 THEN [sign IN signs WHERE sign.margin = margin | sign.id] ELSE [] END AS nearest
}
CALL (rule) {
  OPTIONAL MATCH (rule)-[:UNLESS]->(defeat:Condition)-[:ON]->(:Sign)<-[:IN|READ_AS|TO]-{0,2}(sign:Sign)
  WHERE coalesce($scores[sign.id], toInteger(sign.held), 0) >= coalesce($levels[sign.id][defeat.level], 0.5)
  RETURN collect(DISTINCT sign.id) AS defeated
}
WITH rule, min(margin) AS margin, reduce(all = [], some IN collect(nearest) | all + some) AS missing, defeated
WHERE margin < 0 AND -margin <= $within AND defeated = [] OR margin >= 0 AND defeated <> []
RETURN rule.id AS rule_id, rule.label AS label, CASE WHEN margin < 0 THEN -margin ELSE 0.0 END AS short, missing, defeated
ORDER BY short, rule_id
