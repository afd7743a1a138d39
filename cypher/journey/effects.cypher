CYPHER 25
// What rules do to the music, settled stage by stage by the policy of each kind of effect (ontology/policies.owl).
// One row for each kind, stage and thing it is done to.
//
// param   rules    LIST<STRING>  rules that hold and are not overridden, first in effect first: `journey/holding_rules`
// param   relaxed  LIST<STRING>  of those, rules whose bounds are let go
// column  kind         STRING   Bound, Bar, Lean, Silence, Replace, Via, Dose or StepLimit
// column  stage        STRING
// column  of           STRING   id of a cue, scale, trait or style; null for a Dose
// column  low          FLOAT    of a Bound or a Lean, in the cue's unit
// column  best         FLOAT    of a Lean; null where it leans on words
// column  high         FLOAT
// column  weight       FLOAT    of a Lean: the share of the way that it leads, worth of its evidence included, 0..1
// column  named        BOOLEAN  whether a rule names the thing itself, and not only a scale that asks for it
// column  at_most      FLOAT    of a StepLimit
// column  direction    STRING   of a StepLimit: up or either
// column  steps_min    INTEGER  of a Dose
// column  steps_max    INTEGER
// column  seconds_max  FLOAT
// column  minutes_low  FLOAT    of a Dose: of the whole journey
// column  minutes_high  FLOAT
// column  rule_ids     LIST<STRING>  rules that it comes from

// 1. Every effect of every rule at each of its stages, first in effect first. A leaning on a scale leans on its cues.
UNWIND range(0, size($rules) - 1) AS place
MATCH (rule:Rule {id: $rules[place]})-[:DOES]->(effect:Bound|Bar|Lean|Silence|Replace|Via|Dose|StepLimit)
WHERE NOT (effect:Bound AND rule.id IN $relaxed)
MATCH (policy:HitPolicy) WHERE policy.governs IN labels(effect)
MATCH (rule)-[:AT]->(at:StageScope), (stage:Stage) WHERE at.id IN [stage.id, 'every-stage']
CALL (effect) {
  OPTIONAL MATCH (effect)-[:OF]->(what)
  RETURN what, effect {.low, .best, .high, .at_most, .direction, .steps_min, .steps_max, .seconds_max,
                      .minutes_low, .minutes_high} AS says, 1.0 AS part, true AS named
  UNION ALL
  MATCH (effect:Lean)-[:OF]->(:Scale)-[:CALLS_FOR]->(target:CueTarget)-[:OF]->(what:Cue)
  RETURN what, target {.low, .best, .high} AS says, target.weight AS part, false AS named
}
//    It weighs what the grade of its direction is worth; without such a claim, what the least grade is.
CALL (rule) {
  OPTIONAL MATCH (rule)-[:CLAIMS]->(claim:Claim {about: 'direction'}), (graded:Grade {letter: claim.grade})
  MATCH (grade:Grade)
  RETURN coalesce(max(graded.weight), min(grade.weight)) AS worth
}
LET weight = coalesce(effect.weight, 1.0) * part * worth
WITH policy, stage, what, says.direction AS direction,
     {rule: rule.id, what: what, says: says, weight: weight, named: named} AS one
ORDER BY place, effect.id

// 2. Where one may speak alone it is the first (or the last); else all that are done to one thing are settled together.
LET about = CASE policy.policy WHEN 'priority' THEN null ELSE what END
WITH policy, stage, about, direction, collect(one) AS every
LET speaker = CASE policy.combine WHEN 'first' THEN every[0].rule WHEN 'last' THEN every[-1].rule END
UNWIND [one IN every WHERE speaker IS NULL OR one.rule = speaker] AS one
LET says = one.says, what = one.what, log = one.what.scale = 'log', wide = policy.combine IN ['union', 'max']
WITH policy.governs AS kind, stage, what, direction, log, wide, collect(DISTINCT one.rule) AS rule_ids,
     count(*) AS number, max(toInteger(one.named)) = 1 AS named, max(one.weight) AS most, sum(one.weight) AS total,
     count(says.low) AS lows, count(says.high) AS highs, count(says.best) > 0 AS leads,
     sum(one.weight * CASE WHEN log THEN log(says.low) ELSE says.low END) AS low,
     sum(one.weight * CASE WHEN log THEN log(says.best) ELSE says.best END) AS best,
     sum(one.weight * CASE WHEN log THEN log(says.high) ELSE says.high END) AS high,
     min(says.low) AS low_min, max(says.low) AS low_max, min(says.high) AS high_min, max(says.high) AS high_max,
     min(says.at_most) AS at_least_of, max(says.at_most) AS at_most_of, min(says.steps_min) AS floor_min,
     max(says.steps_min) AS floor_max, min(says.steps_max) AS cap_min, max(says.steps_max) AS cap_max,
     min(says.seconds_max) AS long_min, max(says.seconds_max) AS long_max, min(says.minutes_low) AS from_min,
     max(says.minutes_low) AS from_max, min(says.minutes_high) AS to_min, max(says.minutes_high) AS to_max
LET mean = kind = 'Lean' AND leads AND total > 0
RETURN kind, stage.id AS stage, what.id AS of,
       CASE WHEN mean THEN CASE WHEN log THEN exp(low / total) ELSE low / total END
            WHEN wide THEN CASE lows WHEN number THEN low_min END ELSE low_max END AS low,
       CASE WHEN mean THEN CASE WHEN log THEN exp(best / total) ELSE best / total END END AS best,
       CASE WHEN mean THEN CASE WHEN log THEN exp(high / total) ELSE high / total END
            WHEN wide THEN CASE highs WHEN number THEN high_max END ELSE high_min END AS high,
       CASE kind WHEN 'Lean' THEN CASE WHEN most > 1 THEN 1.0 ELSE most END END AS weight, named,
       CASE WHEN wide THEN at_most_of ELSE at_least_of END AS at_most, direction,
       CASE WHEN wide THEN floor_min ELSE floor_max END AS steps_min,
       CASE WHEN wide THEN cap_max ELSE cap_min END AS steps_max,
       CASE WHEN wide THEN long_max ELSE long_min END AS seconds_max,
       CASE WHEN wide THEN from_min ELSE from_max END AS minutes_low,
       CASE WHEN wide THEN to_max ELSE to_min END AS minutes_high, rule_ids
ORDER BY kind, stage, of, direction
