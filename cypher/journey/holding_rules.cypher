CYPHER 25
// Rules whose every condition holds for these signs, with what they do and on whose evidence, first in effect first.
// One row per rule, those that another one overrides included.
//
// param   scores   MAP           sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1.0
// param   levels   MAP           sign id -> {present, strong}: thresholds, 0..1; 0.5 where none is given
// param   goal     STRING        id of a Goal
// param   without  LIST<STRING>  rule ids taken away: a counterfactual
// column  rule_id        STRING
// column  label          STRING
// column  definition     STRING
// column  tier           STRING        safety, clinical or taste
// column  priority       INTEGER       1 goes first
// column  margin         FLOAT         how far the weakest condition is cleared
// column  overridden_by  STRING
// column  stages         LIST<STRING>
// column  signs          LIST<STRING>  what it holds for, of all it could
// column  effects        LIST<MAP>     {kind, of: [{id, label}], numbers}
// column  claims         LIST<MAP>     {about, grade, signed_by, evidence, challenged_by}
MATCH (rule:Rule {status: 'published'})-[:FOR]->(scope:GoalScope)
WHERE scope.id IN [$goal, 'any-goal'] AND NOT rule.id IN $without
MATCH (rule)-[:WHEN]->(condition:Condition)
CALL (condition) {
  MATCH (condition)-[:ON]->(:Sign)<-[:IN|READ_AS|TO]-{0,2}(sign:Sign)  // the sign itself, a member of its group, or one read as its scale
  WITH DISTINCT sign, coalesce($scores[sign.id], toInteger(sign.held), 0) - coalesce($levels[sign.id][condition.level], 0.5) AS margin
  RETURN max(margin) AS margin, collect(CASE WHEN margin >= 0 THEN sign.id END) AS signs  // any of several
}
WITH rule, min(margin) AS margin, reduce(all = [], some IN collect(signs) | all + some) AS signs  // all of several
WHERE margin >= 0 AND NOT EXISTS {
  MATCH (rule)-[:UNLESS]->(defeat:Condition)-[:ON]->(:Sign)<-[:IN|READ_AS|TO]-{0,2}(sign:Sign)
  WHERE coalesce($scores[sign.id], toInteger(sign.held), 0) >= coalesce($levels[sign.id][defeat.level], 0.5)
}
WITH collect({rule: rule, margin: margin, signs: signs}) AS met
UNWIND met AS one
LET rule = one.rule, rules = [m IN met | m.rule]
CALL (rule, rules) {
  OPTIONAL MATCH (other:Rule)-[:OVERRIDES]->(rule) WHERE other IN rules
  RETURN min(other.id) AS overridden_by
}
CALL (rule) { MATCH (rule)-[:AT]->(stage:StageScope) WITH stage ORDER BY stage.order RETURN collect(stage.id) AS stages }
CALL (rule) {
  MATCH (rule)-[:DOES]->(effect:Effect)
  OPTIONAL MATCH (effect)-[:OF]->(what)
  WITH effect, what ORDER BY effect.id, what.id
  WITH effect, collect({id: what.id, label: what.label}) AS of
  RETURN collect({kind: head([kind IN labels(effect) WHERE NOT kind IN ['Effect', 'Individual']]), of: [o IN of WHERE o.id IS NOT NULL],
                  numbers: effect {.low, .best, .high, .weight, .depth, .steps_min, .steps_max, .seconds_max, .minutes_low, .minutes_high, .at_most, .direction, .outcome}}) AS effects
}
CALL (rule) {
  OPTIONAL MATCH (rule)-[:CLAIMS]->(claim:Claim)
  CALL (claim) { OPTIONAL MATCH (claim)-[:SUPPORTED_BY]->(e:Evidence) WITH e ORDER BY e.id RETURN collect(e {.id, .key, .design, .n, .population, .finding, .doi, .read}) AS evidence }
  CALL (claim) { OPTIONAL MATCH (claim)-[:CHALLENGED_BY]->(e:Evidence) WITH e ORDER BY e.id RETURN collect(e {.id, .key, .design, .n, .population, .finding, .doi, .read}) AS challenged_by }
  WITH claim, evidence, challenged_by ORDER BY claim.about
  RETURN collect(claim {.about, .grade, .signed_by, evidence: evidence, challenged_by: challenged_by}) AS claims
}
RETURN rule.id AS rule_id, rule.label AS label, rule.definition AS definition, rule.tier AS tier, rule.priority AS priority, one.margin AS margin,
       overridden_by, stages, one.signs AS signs, effects, claims
ORDER BY CASE tier WHEN 'safety' THEN 0 WHEN 'clinical' THEN 1 ELSE 2 END, priority, rule_id
