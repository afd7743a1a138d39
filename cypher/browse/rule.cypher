CYPHER 25
// One rule with all that it says: when it holds, what it does, and on whose evidence. One row, or none.
//
// param   id  STRING
// column  id          STRING
// column  label       STRING
// column  definition  STRING
// column  tier        STRING        safety, clinical or taste
// column  priority    INTEGER       1 goes first
// column  stages      LIST<STRING>
// column  goals       LIST<STRING>
// column  conditions  LIST<MAP>     {kind: when or unless, level, on: signs, any of them}
// column  effects     LIST<MAP>     {kind, of: [{id, label}], numbers}
// column  claims      LIST<MAP>     {about, grade, signed_by, evidence, challenged_by}
// column  overrides   LIST<STRING>  rules that give way to it
MATCH (rule:Rule {id: $id, status: 'published'})
CALL (rule) {
  MATCH (rule)-[link:WHEN|UNLESS]->(condition:Condition)
  LET signs = COLLECT { MATCH (condition)-[:ON]->(sign) RETURN sign.id ORDER BY sign.id }
  WITH link, condition, signs ORDER BY type(link) DESC, condition.id
  RETURN collect({kind: toLower(type(link)), level: condition.level, on: signs}) AS conditions
}
CALL (rule) {
  MATCH (rule)-[:DOES]->(effect:Effect)
  LET of = COLLECT { MATCH (effect)-[:OF]->(what) RETURN {id: what.id, label: what.label} ORDER BY what.id }
  WITH effect, of ORDER BY effect.id
  RETURN collect({kind: head([kind IN labels(effect) WHERE NOT kind IN ['Effect', 'Individual']]), of: of,
                  numbers: effect {.low, .best, .high, .weight, .depth, .steps_min, .steps_max, .seconds_max, .minutes_low, .minutes_high, .at_most, .direction, .outcome}}) AS effects
}
CALL (rule) {
  OPTIONAL MATCH (rule)-[:CLAIMS]->(claim:Claim)
  CALL (claim) { OPTIONAL MATCH (claim)-[:SUPPORTED_BY]->(e:Evidence) WITH e ORDER BY e.id RETURN collect(e {.id, .key, .design, .n, .population, .finding, .doi, .read}) AS evidence }
  CALL (claim) { OPTIONAL MATCH (claim)-[:CHALLENGED_BY]->(e:Evidence) WITH e ORDER BY e.id RETURN collect(e {.id, .key, .design, .n, .population, .finding, .doi, .read}) AS challenged_by }
  WITH claim, evidence, challenged_by ORDER BY claim.about
  RETURN collect(claim {.about, .grade, .signed_by, evidence: evidence, challenged_by: challenged_by}) AS claims
}
RETURN rule.id AS id, rule.label AS label, rule.definition AS definition, rule.tier AS tier, rule.priority AS priority,
       COLLECT { MATCH (rule)-[:AT]->(stage:StageScope) RETURN stage.id ORDER BY stage.order, stage.id } AS stages,
       COLLECT { MATCH (rule)-[:FOR]->(goal:GoalScope) RETURN goal.id ORDER BY goal.id } AS goals, conditions, effects, claims,
       COLLECT { MATCH (rule)-[:OVERRIDES]->(other:Rule) RETURN other.id ORDER BY other.id } AS overrides
