CYPHER 25
// What every step should meet: the profile on its way from one end to the other, led by what leans there; and the query
// vector that says the same to the index of track profiles. One row per waypoint.
//
// param   steps    LIST<MAP>  `journey/steps`
// param   profile  LIST<MAP>  `journey/profile`
// param   words    LIST<MAP>  `journey/words`
// param   effects  LIST<MAP>  `journey/effects`
// column  position          INTEGER      1 is the first step
// column  asked             LIST<MAP>    {cue, log, low, best, high, led, counts}: logarithms where log; led: how far
//                                        rules named the cue, 0..1; counts: what a half-width off it costs, of 1 for
//                                        all but what is led
// column  weigh_similarity  FLOAT        what likeness in words weighs in the rank, more where a wish adds to it
// column  words             LIST<FLOAT>  what is asked for in words, as a vector
// column  sought            LIST<FLOAT>  cues and words as one vector: the nearest profiles rank best
MATCH (by_rules:Setting {id: 'weigh-similarity'}), (by_wish:Setting {id: 'weigh-like'}),
      (by_cues:Setting {id: 'weigh-cue-fit'}), (by_place:Setting {id: 'affect-fit'}),
      (by_leaning:Setting {id: 'weigh-leaning'})
CALL () { MATCH (cue:Cue) WITH cue ORDER BY cue.id RETURN collect(cue) AS cues }
UNWIND $steps AS step

// 1. What is asked of each cue: a leaning leads by its weight from the profile to what it asks, and then counts more.
LET here = [e IN $effects WHERE e.stage = step.stage AND e.kind = 'Lean' AND e.best IS NOT NULL], at = step.progress
CALL (step, here, at) {
  UNWIND [p IN $profile WHERE p.stage = step.stage] AS p
  LET from = CASE step.leg WHEN 0 THEN p.start ELSE coalesce(p.via, p.goal) END,
      to = CASE WHEN step.last THEN p.goal ELSE coalesce(p.via, p.goal) END, lean = head([e IN here WHERE e.of = p.cue])
  LET share = coalesce(lean.weight, 0.0), low = from.low + at * (to.low - from.low),
      high = from.high + at * (to.high - from.high),
      best = from.best + at * (to.best - from.best), weight = from.weight + at * (to.weight - from.weight),
      lead = CASE WHEN lean IS NULL THEN {low: 0.0, best: 0.0, high: 0.0} WHEN p.log
             THEN {low: log(lean.low), best: log(lean.best), high: log(lean.high)} ELSE lean END,
      met = CASE WHEN p.named AND step.leg = 0 THEN p.depth * (1 - at) ELSE 0.0 END
  LET said = CASE WHEN lean.named THEN share ELSE 0.0 END
  RETURN collect({cue: p.cue, log: p.log, weight: weight, led: CASE WHEN met > said THEN met ELSE said END,
                  low: low + share * (lead.low - low), best: best + share * (lead.best - best),
                  high: high + share * (lead.high - high)}) AS plain
}
LET whole = reduce(sum = 0.0, a IN plain | sum + a.weight)
LET asked = [a IN plain | a {.cue, .log, .low, .best, .high, .led,
                             counts: a.weight / whole + by_leaning.value * sqrt(a.led) / size(plain)}]

// 2. What is asked for in words. Two weighted cosines are one: that with the weighted sum of both vectors.
LET w = head([w IN $words WHERE w.stage = step.stage])
LET first = CASE step.leg WHEN 0 THEN w.start ELSE coalesce(w.via, w.goal) END,
    second = CASE WHEN step.last THEN w.goal ELSE coalesce(w.via, w.goal) END
LET spoken = [i IN range(0, size(second) - 1) | (1 - at) * first[i] + at * second[i] + coalesce(w.said[i], 0.0)]
LET length = sqrt(reduce(sum = 0.0, x IN spoken | sum + x * x))
LET words = CASE WHEN w.wish IS NULL THEN [x IN spoken | by_rules.value * x / length]
            ELSE [i IN range(0, size(spoken) - 1) | by_rules.value * spoken[i] / length + by_wish.value * w.wish[i]] END

// 3. Both as one vector. With p the profile of a track (`load/track_profiles`), what it loses is near enough a sum of
//    squares, c (z - b)^2 for a cue; less c b^2, the same for all tracks, that is the inner product of (2 c b, -c) with
//    (z, z^2).
LET pulls = [cue IN cues | coalesce(head([a IN asked WHERE a.cue = cue.id | head([spread IN
      [cue.spread * CASE WHEN a.log THEN log(2) ELSE 1.0 END] |
      {to: (a.best - CASE WHEN a.log THEN log(cue.center) ELSE cue.center END) / spread,
       by: 1.6 * by_cues.value * a.counts * (spread / (a.high - a.low)) ^ 2
           + CASE WHEN cue.id IN ['valence', 'arousal'] THEN 2.5 * by_place.value * spread ^ 2 ELSE 0.0 END}])]),
      {to: 0.0, by: 0.0})]
LET sought = [p IN pulls | 2 * p.by * p.to] + [p IN pulls | -p.by] + [x IN words | x / 2] + [0.0]
LET norm = sqrt(reduce(sum = 0.0, x IN sought | sum + x * x))
RETURN step.position AS position, asked, sqrt(reduce(sum = 0.0, x IN words | sum + x * x)) AS weigh_similarity, words,
       [x IN sought | x * sqrt(90 * size(cues) + 1) / norm] AS sought
ORDER BY position
