CYPHER 25
// Rules with what they do and on whose evidence. One row per rule, in the order given.
//
// param   ids  LIST<STRING>  ids of rules
// column  rule_id     STRING
// column  label       STRING
// column  definition  STRING
// column  tier        STRING        safety, clinical or taste
// column  stages      LIST<STRING>
// column  effects     LIST<MAP>     {kind, of: [{id, label}], numbers}
// column  claims      LIST<MAP>     {about, grade, signed_by, evidence, challenged_by}
UNWIND range(0, size($ids) - 1) AS place
MATCH (rule:Rule {id: $ids[place]})
LET effects = COLLECT {
  MATCH (rule)-[:DOES]->(effect:Effect)
  LET of = COLLECT { MATCH (effect)-[:OF]->(what) RETURN what {.id, .label} ORDER BY what.id }
  RETURN {
    kind: head([kind IN labels(effect) WHERE NOT kind IN ['Effect', 'Individual']]), of: of,
    numbers: effect {.low, .best, .high, .weight, .depth, .steps_min, .steps_max, .seconds_max, .minutes_low,
                     .minutes_high, .at_most, .direction, .outcome}}
  ORDER BY effect.id
}, claims = COLLECT {
  MATCH (rule)-[:CLAIMS]->(claim:Claim)
  RETURN claim {.about, .grade, .signed_by,
    evidence: COLLECT { MATCH (claim)-[:SUPPORTED_BY]->(e:Evidence)
                        RETURN e {.id, .key, .design, .n, .population, .finding, .doi, .read} ORDER BY e.id },
    challenged_by: COLLECT { MATCH (claim)-[:CHALLENGED_BY]->(e:Evidence)
                             RETURN e {.id, .key, .design, .n, .population, .finding, .doi, .read} ORDER BY e.id }}
  ORDER BY claim.about
}
RETURN rule.id AS rule_id, rule.label AS label, rule.definition AS definition, rule.tier AS tier,
       COLLECT { MATCH (rule)-[:AT]->(at:StageScope) RETURN at.id ORDER BY at.order } AS stages, effects, claims
ORDER BY place
