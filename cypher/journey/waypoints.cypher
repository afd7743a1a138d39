CYPHER 25
// The profile that every step of a journey should meet: `journey/candidates` without its search. One row per waypoint.
//
// param   scores      MAP           sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1.0
// param   levels      MAP           sign id -> {present, strong}: thresholds, 0..1; 0.5 where none is given
// param   goal        STRING        id of a Goal
// param   rules       LIST<STRING>  rules that hold and are not overridden: `journey/holding_rules`
// param   steps       INTEGER       waypoints of the whole journey
// param   seconds     FLOAT         mean length of a step, s
// param   stages      MAP           stage id -> {steps, seconds}: its steps before any dose, and their mean length, s; by its share where none is given
// param   relaxed     LIST<STRING>  rule ids whose bounds are let go
// param   like        LIST<FLOAT>   a wish in the person's own words, as a vector of unit length; null for none
// column  position          INTEGER       1 is the first step
// column  stage             STRING
// column  leg               INTEGER       0; 1 after a Via scale
// column  progress          FLOAT         0..1 along the leg
// column  asked             LIST<MAP>     {cue, low, best, high, weight}, in the cue's unit; valence and arousal are cues too
// column  bounds            LIST<MAP>     {cue, low, high}
// column  rule_ids          LIST<STRING>  rules that shaped the waypoint
// column  weigh_similarity  FLOAT         what likeness in words weighs in the rank: the setting, and more where a wish adds to it
// column  vector            LIST<FLOAT>   the query vector

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

// 5. Words as vectors: what the ends and the rules' own descriptors say, weighted and added up, one vector for each end and stage.
CALL (ends, silenced, mirrored, rules, likings) {
  LET words = head([m IN mirrored | m.words])
  CALL (ends, silenced, rules, likings) {
    UNWIND ends AS end
    UNWIND end.scales AS part
    LET scale = part.scale
    FILTER NOT scale IN silenced
    MATCH (scale)-[:DESCRIBED_BY]->(said:Descriptor)
    RETURN end.at AS at, part.weight / reduce(total = 0.0, p IN end.scales | total + p.weight) AS weight, said
    UNION ALL
    UNWIND rules AS rule
    MATCH (stage:StageScope)<-[:AT]-(rule)-[:DESCRIBED_BY]->(said:Descriptor)
    RETURN stage.id AS at, 1.0 AS weight, said
    UNION ALL
    UNWIND likings AS liking
    LET what = liking.what
    FILTER NOT what IN silenced
    UNWIND liking.stages AS at
    MATCH (what)-[:DESCRIBED_BY]->(said:Descriptor)
    RETURN at, liking.weight AS weight, said
  }
  WITH words, at, collect({weight: weight, embedding: said.embedding}) AS parts
  LET vector = [i IN range(0, size(parts[0].embedding) - 1) | reduce(total = 0.0, part IN parts | total + part.weight * part.embedding[i])]
  WITH words, collect({at: at, vector: vector}) AS vectors
  LET felt = head([v IN vectors WHERE v.at = 'felt' | v.vector]), goal = head([v IN vectors WHERE v.at = 'goal' | v.vector])
  RETURN vectors, goal, coalesce(head([v IN vectors WHERE v.at = 'via' | v.vector]), goal) AS via,
         CASE WHEN felt IS NULL THEN goal ELSE [i IN range(0, size(goal) - 1) | (1 - words) * goal[i] + words * felt[i]] END AS start
}
//    A wish colours all of them alike. What it shares with the words of a silenced scale is taken out of it first.
CALL (silenced) {
  UNWIND CASE WHEN $like IS NULL THEN [] ELSE silenced END AS scale
  MATCH (scale)-[:DESCRIBED_BY]->(said:Descriptor)
  WITH scale, collect(said.embedding) AS parts ORDER BY scale.id
  RETURN collect([i IN range(0, size($like) - 1) | reduce(total = 0.0, part IN parts | total + part[i])]) AS hushed
}
CALL () { MATCH (s:Setting {id: 'weigh-similarity'}), (w:Setting {id: 'weigh-like'}) RETURN s.value AS by_rules, w.value AS by_wish }
LET wish = reduce(left = $like, hush IN hushed | head([shared IN [reduce(total = 0.0, i IN range(0, size(left) - 1) | total + left[i] * hush[i]) / reduce(total = 0.0, x IN hush | total + x * x)]
      | CASE WHEN shared > 0 THEN [i IN range(0, size(left) - 1) | left[i] - shared * hush[i]] ELSE left END]))

// 6. Waypoints: stages share the steps within the doses of the rules, and the way within their reach; a Via cuts it into two legs.
CALL (rules) {
  MATCH (stage:Stage)
  OPTIONAL MATCH (before:Stage)-[:NEXT]->(stage)
  CALL (rules, stage) {
    UNWIND rules AS rule
    MATCH (rule)-[:DOES]->(dose:Dose) WHERE EXISTS { MATCH (rule)-[:AT]->(at:StageScope) WHERE at.id IN [stage.id, 'every-stage'] }
    RETURN min(dose.steps_max) AS cap, coalesce(max(dose.steps_min), 0) AS floor, min(dose.seconds_max) AS longest
  }
  CALL (stage) { MATCH (earlier:Stage) WHERE earlier.order < stage.order RETURN sum(earlier.share) AS shared }
  LET given = $stages[stage.id]
  LET even = coalesce(given.steps, toInteger(round($steps * (shared + stage.share))) - toInteger(round($steps * shared))),
      timed = toInteger(longest / coalesce(given.seconds, $seconds))
  CALL (even, cap, floor, timed) { UNWIND [CASE WHEN even < floor THEN floor ELSE even END, cap, timed] AS count RETURN min(count) AS steps }
  WITH stage, before, cap, longest, steps ORDER BY stage.order
  RETURN collect({id: stage.id, order: stage.order, begins_at: coalesce(before.ends_at, 0.0), ends_at: stage.ends_at,
                  free: coalesce(cap, longest) IS NULL, longest: longest, steps: steps}) AS staged
}
LET spare = $steps - reduce(sum = 0, s IN staged | sum + s.steps), heir = head([s IN staged WHERE s.free | s.id])
LET shared = [s IN staged | {id: s.id, order: s.order, begins_at: s.begins_at, ends_at: s.ends_at, longest: s.longest,
                             steps: s.steps + CASE s.id WHEN heir THEN spare ELSE 0 END}]
UNWIND shared AS stage
UNWIND range(1, stage.steps) AS nth
LET position = nth + reduce(sum = 0, s IN shared | sum + CASE WHEN s.order < stage.order THEN s.steps ELSE 0 END), here = [stage.id, 'every-stage'],
    way = stage.begins_at + (stage.ends_at - stage.begins_at) * (nth - 1 + (stage.order - 1.0) / (size(shared) - 1)) / stage.steps
LET leg = CASE WHEN passed <> [] AND way > 0.5 THEN 1 ELSE 0 END
LET progress = CASE passed WHEN [] THEN way ELSE 2 * way - leg END, ending = passed = [] OR leg = 1
CALL (profile, leans, here, leg, progress, ending) {
  UNWIND profile AS p
  LET from = CASE leg WHEN 0 THEN p.start ELSE p.via END, to = CASE WHEN ending THEN p.goal ELSE p.via END
  UNWIND [{weight: from.weight + progress * (to.weight - from.weight), low: from.low + progress * (to.low - from.low),
           best: from.best + progress * (to.best - from.best), high: from.high + progress * (to.high - from.high)}]
         + [lean IN leans WHERE lean.what = p.cue AND any(at IN lean.stages WHERE at IN here)] AS ask
  WITH p, sum(ask.weight) AS weight, sum(ask.weight * ask.low) AS low, sum(ask.weight * ask.best) AS best, sum(ask.weight * ask.high) AS high
  RETURN collect({cue: p.cue.id, log: p.log, weight: weight, low: low / weight, best: best / weight, high: high / weight}) AS asked
}
CALL (limits, here) {
  UNWIND [limit IN limits WHERE any(at IN limit.stages WHERE at IN here)] AS limit
  WITH limit.what AS what, max(limit.least) AS low, min(limit.most) AS high
  RETURN collect({cue: replace(what.id, '-', '_'), low: coalesce(low, -Infinity), high: coalesce(high, Infinity)}) AS bounds
}
LET spoken = [i IN range(0, size(goal) - 1) | (1 - progress) * CASE leg WHEN 0 THEN start[i] ELSE via[i] END
      + progress * CASE WHEN ending THEN goal[i] ELSE via[i] END + reduce(sum = 0.0, v IN vectors | sum + CASE WHEN v.at IN here THEN v.vector[i] ELSE 0.0 END)],
    shaped = reduce(ids = [], id IN [e IN effects WHERE any(at IN e.stages WHERE at IN here) | e.rule]
      + CASE WHEN way < 1 THEN head([m IN mirrored | m.rule_ids]) ELSE [] END | CASE WHEN id IN ids THEN ids ELSE ids + id END)
//    Two weighted cosines are one: that with the weighted sum of both vectors, weighed by its length. So the search knows of the wish too.
LET length = sqrt(reduce(total = 0.0, x IN spoken | total + x * x))
LET vector = CASE WHEN wish IS NULL THEN spoken ELSE [i IN range(0, size(spoken) - 1) | by_rules * spoken[i] / length + by_wish * wish[i]] END
LET by_words = CASE WHEN wish IS NULL THEN by_rules ELSE sqrt(reduce(total = 0.0, x IN vector | total + x * x)) END
RETURN position, stage.id AS stage, leg, progress, [ask IN asked | {cue: ask.cue, weight: ask.weight, low: CASE WHEN ask.log THEN exp(ask.low) ELSE ask.low END,
         best: CASE WHEN ask.log THEN exp(ask.best) ELSE ask.best END, high: CASE WHEN ask.log THEN exp(ask.high) ELSE ask.high END}] AS asked,
       bounds, shaped AS rule_ids, by_words AS weigh_similarity, vector
ORDER BY position
