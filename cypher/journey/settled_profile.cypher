CYPHER 25
// What is asked of each cue where a journey begins, where it passes and where it ends, before any stage leans on it: the
// ends of the way that `journey/candidates` walks. One row per cue and point.
//
// param   scores   MAP           sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1.0
// param   levels   MAP           sign id -> {present, strong}: thresholds, 0..1; 0.5 where none is given
// param   goal     STRING        id of a Goal
// param   rules    LIST<STRING>  rules that hold and are not overridden: `journey/holding_rules`
// param   relaxed  LIST<STRING>  rule ids whose bounds are let go
// column  cue    STRING
// column  point  STRING  start, via (only where a rule passes through a scale) or goal
// column  low    FLOAT   in the cue's unit
// column  best   FLOAT
// column  high   FLOAT
// column  depth  FLOAT   how much of the way from the goal back to the feeling is mirrored, 0..1

// 1. What the rules that hold do to cues and scales, by stage. A lean weighs what the grade of its direction is worth.
MATCH (rule:Rule) WHERE rule.id IN $rules
WITH collect(rule) AS rules
CALL (rules) {
  UNWIND rules AS rule
  MATCH (rule)-[:DOES]->(effect:Bound|Bar|Lean|Silence|Replace|Via|StepLimit)-[:OF]->(what)
  CALL (rule) { MATCH (rule)-[:AT]->(at:StageScope) RETURN collect(at.id) AS stages }
  CALL (rule) {
    OPTIONAL MATCH (rule)-[:CLAIMS]->(claim:Claim {about: 'direction'})
    OPTIONAL MATCH (grade:Grade {letter: claim.grade})
    RETURN coalesce(max(grade.weight), 1.0) AS worth
  }
  WITH rule, stages, effect, what, worth, what.scale = 'log' AS log ORDER BY rule.priority, rule.id, effect.id
  RETURN collect({rule: rule.id, stages: stages, kind: labels(effect), what: what, at_most: effect.at_most, weight: coalesce(effect.weight, 1.0) * worth,
                  least: effect.low, most: CASE WHEN effect:Bar THEN 0.0 ELSE effect.high END, low: CASE WHEN log THEN log(effect.low) ELSE effect.low END,
                  best: CASE WHEN log THEN log(effect.best) ELSE effect.best END, high: CASE WHEN log THEN log(effect.high) ELSE effect.high END}) AS effects
}
LET silenced = [e IN effects WHERE 'Silence' IN e.kind | e.what],
    replaced = [e IN effects WHERE 'Replace' IN e.kind | {scale: e.what, weight: 1.0}][..1],
    passed = [e IN effects WHERE 'Via' IN e.kind | {scale: e.what, weight: 1.0}][..1],
    limits = [e IN effects WHERE 'Bound' IN e.kind AND NOT e.rule IN $relaxed OR 'Bar' IN e.kind],
    leans = [e IN effects WHERE 'Lean' IN e.kind AND e.best IS NOT NULL],
    likings = [e IN effects WHERE 'Lean' IN e.kind AND e.best IS NULL]

// 2. The scales at the ends of the way: what the feeling is read as (or its replacement), what is passed, what the goal aims at.
CALL (rules) {
  MATCH (sign:Sign)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
  WHERE $scores[sign.id] >= coalesce($levels[sign.id].present, 0.5)
    AND (NOT EXISTS { (mapping)-[:UNDER]->(:Rule) } OR EXISTS { MATCH (mapping)-[:UNDER]->(under:Rule) WHERE under IN rules })
  WITH scale, sum($scores[sign.id] * mapping.share) AS weight
  RETURN collect({scale: scale, weight: CASE WHEN weight > 1 THEN 1.0 ELSE weight END}) AS felt
}
CALL () {
  MATCH (:Goal {id: $goal})-[:AIMS_AT]->(aim:Aim)-[:AT_SCALE]->(scale:Scale)
  RETURN collect({scale: scale, weight: aim.share}) AS aims
}
LET ends = [{at: 'felt', scales: CASE WHEN replaced = [] THEN felt ELSE replaced END}, {at: 'via', scales: passed}, {at: 'goal', scales: aims}]

// 3. How deep each cue is mirrored: per sign by the rule that names it most directly, then the least over negative signs.
//    A silenced scale keeps only the cues that a mirror names. `words` is how deep all else is mirrored, descriptors too.
CALL (rules, replaced) {
  MATCH (cue:Cue)
  OPTIONAL MATCH (sign:Sign) WHERE EXISTS { (sign)-[:READ_AS]->() } AND $scores[sign.id] >= coalesce($levels[sign.id].present, 0.5)
  CALL (rules, sign) {
    OPTIONAL MATCH (rule:Rule)-[:WHEN]->(:Condition)-[:ON]->(:Sign)<-[hops:IN|READ_AS|TO]-{0,2}(sign)
    WHERE rule IN rules AND EXISTS { (rule)-[:DOES]->(:Mirror) }
    RETURN rule AS mirroring ORDER BY size(hops), rule.priority, rule.id LIMIT 1
  }
  OPTIONAL MATCH (mirroring)-[:DOES]->(mirror:Mirror)-[:OF]->(what) WHERE what = cue OR NOT what:Cue
  WITH replaced, cue, sign, mirroring, EXISTS { (sign)-[:IN]->(:Group {id: 'negative'}) } AS negative,
       coalesce(max(mirror.depth), 0.0) AS depth, coalesce(max(CASE WHEN NOT what:Cue THEN mirror.depth END), 0.0) AS words
  WITH replaced, cue, collect(DISTINCT mirroring.id) AS rule_ids, max(toInteger(depth > words)) = 1 AS named, sum($scores[sign.id]) AS total,
       min(CASE WHEN negative THEN depth END) AS least, sum($scores[sign.id] * depth) AS deep,
       min(CASE WHEN negative THEN words END) AS least_words, sum($scores[sign.id] * words) AS spoken
  LET mean = CASE WHEN total > 0 THEN deep / total ELSE 0.0 END, mean_words = CASE WHEN total > 0 THEN spoken / total ELSE 0.0 END
  RETURN collect({cue: cue, rule_ids: rule_ids, named: named AND replaced = [], depth: CASE WHEN replaced = [] THEN coalesce(least, mean) ELSE 1.0 END,
                  words: CASE WHEN replaced = [] THEN coalesce(least_words, mean_words) ELSE 1.0 END}) AS mirrored
}

// 4. The profile at the ends, cue by cue (log cues as logarithms), and the query vector of each end and of each stage's own words.
CALL (ends, silenced, mirrored) {
  UNWIND mirrored AS mirror
  LET cue = mirror.cue
  UNWIND ends AS end
  CALL (end, silenced, mirror, cue) {
    UNWIND end.scales AS part
    LET scale = part.scale
    FILTER NOT scale IN silenced OR end.at = 'felt' AND mirror.named
    MATCH (scale)-[:CALLS_FOR]->(target:CueTarget)-[:OF]->(cue)
    LET weight = part.weight * target.weight, log = cue.scale = 'log'
    WITH sum(weight) AS weight, sum(weight * CASE WHEN log THEN log(target.low) ELSE target.low END) AS low,
         sum(weight * CASE WHEN log THEN log(target.best) ELSE target.best END) AS best, sum(weight * CASE WHEN log THEN log(target.high) ELSE target.high END) AS high
    RETURN CASE WHEN weight > 0 THEN {weight: weight, low: low / weight, best: best / weight, high: high / weight} END AS point
  }
  WITH mirror, cue, head(collect(CASE end.at WHEN 'felt' THEN point END)) AS felt,
       head(collect(CASE end.at WHEN 'via' THEN point END)) AS via, head(collect(CASE end.at WHEN 'goal' THEN point END)) AS goal
  LET depth = CASE WHEN felt IS NULL THEN 0.0 ELSE mirror.depth END, from = coalesce(felt, goal)
  RETURN collect({cue: cue, log: cue.scale = 'log', via: via, goal: goal,
                  start: {low: goal.low + depth * (from.low - goal.low), best: goal.best + depth * (from.best - goal.best),
                          high: goal.high + depth * (from.high - goal.high), weight: goal.weight + depth * (from.weight - goal.weight)}}) AS profile
}
UNWIND profile AS p
UNWIND [{name: 'start', at: p.start}, {name: 'via', at: p.via}, {name: 'goal', at: p.goal}] AS point
FILTER point.at IS NOT NULL
RETURN p.cue.id AS cue, point.name AS point, CASE WHEN p.log THEN exp(point.at.low) ELSE point.at.low END AS low,
       CASE WHEN p.log THEN exp(point.at.best) ELSE point.at.best END AS best, CASE WHEN p.log THEN exp(point.at.high) ELSE point.at.high END AS high,
       head([m IN mirrored WHERE m.cue = p.cue | m.depth]) AS depth
ORDER BY cue, point
