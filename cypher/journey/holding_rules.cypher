CYPHER 25
// Rules whose every condition holds for these signs, first in effect first, and those that nearly hold: the one place
// that decides it. One row per rule, those that another one overrides included.
//
// param   scores   MAP           sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1.0
// param   levels   MAP           sign id -> {present, strong}: thresholds, 0..1; 0.5 where none is given
// param   goal     STRING        id of a Goal
// param   within   FLOAT         how much of a score may be missing for a rule to hold nearly, 0..1
// param   without  LIST<STRING>  ids of rules that are taken out
// column  rule_id        STRING
// column  label          STRING
// column  holds          BOOLEAN
// column  margin         FLOAT         how far the weakest condition is cleared; below 0 what it lacks
// column  signs          LIST<STRING>  what it holds for, of all it could
// column  missing        LIST<STRING>  signs, any of which would have done
// column  defeated       LIST<STRING>  signs that defeat it (UNLESS)
// column  overridden_by  STRING        a rule that holds as well

// 1. How far each condition is met: by a sign it is on, a member of a group it is on, or one read as a scale it is on.
//    Some are read so only while a rule holds (`under`).
MATCH (condition:Condition)-[:ON]->(on:Sign)
CALL (on) {
  MATCH (on)<-[:IN]-{0,1}(sign:Sign) RETURN sign, null AS under
  UNION
  MATCH (on)<-[:TO]-(mapping:Mapping)<-[:READ_AS]-(sign:Sign)
  OPTIONAL MATCH (mapping)-[:UNDER]->(under:Rule)
  RETURN sign, under
}
LET score = coalesce($scores[sign.id], toInteger(sign.held), 0.0)
LET least = coalesce(condition.at_least, $levels[sign.id][condition.level], 0.5), most = condition.at_most
LET margin = CASE WHEN most - score < score - least THEN most - score ELSE score - least END
FILTER margin >= -$within
WITH condition, under, max(margin) AS margin, collect({id: sign.id, margin: margin}) AS signs
WITH collect({condition: condition, under: under, margin: margin, signs: signs}) AS near

// 2. Rules that let a reading count: a check sees to it that their own conditions are on no scale.
CALL (near) {
  LET plain = [n IN near WHERE n.under IS NULL AND n.margin >= 0 | n.condition]
  MATCH (rule:Rule {status: 'published'})
  WHERE EXISTS { (rule)<-[:UNDER]-() } OR EXISTS { (rule)-[:OVERRIDES]->()<-[:UNDER]-() }
  FILTER EXISTS { (rule)-[:WHEN]->() } AND NOT EXISTS { MATCH (rule)-[:WHEN]->(condition) WHERE NOT condition IN plain }
    AND NOT EXISTS { MATCH (rule)-[:UNLESS]->(condition) WHERE condition IN plain } AND NOT rule.id IN $without
  WITH collect(rule) AS rules
  RETURN [r IN rules WHERE NOT EXISTS { MATCH (other)-[:OVERRIDES]->(r) WHERE other IN rules }] AS letting
}

// 3. All rules of this goal, with what counts.
LET counted = [n IN near WHERE n.under IS NULL OR n.under IN letting]
CALL (counted) {
  LET close = [n IN counted | n.condition]
  MATCH (rule:Rule {status: 'published'})-[:FOR]->(scope:GoalScope)
  WHERE scope.id IN [$goal, 'any-goal'] AND NOT rule.id IN $without
  FILTER EXISTS { (rule)-[:WHEN]->() } AND NOT EXISTS { MATCH (rule)-[:WHEN]->(condition) WHERE NOT condition IN close }
  MATCH (rule)-[:WHEN]->(condition)
  LET here = [n IN counted WHERE n.condition = condition]
  WITH rule, reduce(most = -1.0, n IN here | CASE WHEN n.margin > most THEN n.margin ELSE most END) AS margin,
       reduce(all = [], n IN here | all + n.signs) AS signs
  WITH rule, min(margin) AS margin,
       reduce(all = [], s IN collect([s IN signs WHERE s.margin >= 0 | s.id]) | all + s) AS signs,
       reduce(all = [], s IN collect([s IN signs WHERE margin < 0 AND s.margin = margin | s.id]) | all + s) AS missing
  LET defeats = COLLECT { MATCH (rule)-[:UNLESS]->(condition) RETURN condition }
  LET defeated = reduce(all = [], n IN [n IN counted WHERE n.margin >= 0 AND n.condition IN defeats]
                        | all + [s IN n.signs WHERE s.margin >= 0 | s.id])
  FILTER margin >= 0 OR defeated = []
  RETURN rule, margin, signs, missing, defeated, margin >= 0 AND defeated = [] AS holds
}
WITH collect({rule: rule, margin: margin, signs: signs, missing: missing, defeated: defeated, holds: holds}) AS found
LET holding = [f IN found WHERE f.holds | f.rule]
UNWIND found AS f LET rule = f.rule
LET others = COLLECT { MATCH (o)-[:OVERRIDES]->(rule) WHERE f.holds AND o IN holding RETURN o.id ORDER BY o.id }
RETURN rule.id AS rule_id, rule.label AS label, f.holds AS holds, f.margin AS margin,
       COLLECT { UNWIND f.signs AS sign RETURN DISTINCT sign ORDER BY sign } AS signs, f.missing AS missing,
       f.defeated AS defeated, head(others) AS overridden_by
ORDER BY CASE rule.tier WHEN 'safety' THEN 0 WHEN 'clinical' THEN 1 ELSE 2 END, rule.priority, rule_id
