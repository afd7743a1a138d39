CYPHER 25
// Where every step of a journey stands: stages share the steps within the doses of the rules, and the way within their
// reach; where a scale is passed, the way has two legs. One row per step.
//
// param   effects  LIST<MAP>  `journey/effects`
// param   steps    INTEGER    steps of the whole journey
// param   seconds  FLOAT      mean length of a step, s
// param   stages   MAP        stage id -> {steps, seconds}: its steps before any dose, and their mean length, s; by its
//                             share where none is given
// column  position  INTEGER  1 is the first step
// column  stage     STRING
// column  leg       INTEGER  0; 1 after a Via scale
// column  last      BOOLEAN  whether the leg leads to the goal
// column  progress  FLOAT    0..1 along the leg
// column  longest   FLOAT    no track is longer, s; null where no dose says so

// 1. Steps of each stage: by its share, no fewer than the floors and no more than the caps.
MATCH (stage:Stage)
OPTIONAL MATCH (before:Stage)-[:NEXT]->(stage)
LET dose = head([e IN $effects WHERE e.kind = 'Dose' AND e.stage = stage.id]), given = $stages[stage.id]
CALL (stage) { MATCH (earlier:Stage) WHERE earlier.order < stage.order RETURN sum(earlier.share) AS shared }
LET share = toInteger(round($steps * (shared + stage.share))) - toInteger(round($steps * shared)),
    timed = toInteger(dose.seconds_max / coalesce(given.seconds, $seconds))
LET even = coalesce(given.steps, share)
CALL (even, dose, timed) {
  UNWIND [CASE WHEN even < dose.steps_min THEN dose.steps_min ELSE even END, dose.steps_max, timed] AS count
  RETURN min(count) AS steps
}
WITH stage, before, dose, steps ORDER BY stage.order
WITH collect({id: stage.id, order: stage.order, from: coalesce(before.ends_at, 0.0), to: stage.ends_at, steps: steps,
              free: coalesce(dose.steps_max, dose.seconds_max) IS NULL, longest: dose.seconds_max}) AS staged
//    What is left over goes to the first stage that no dose caps.
LET spare = $steps - reduce(sum = 0, s IN staged | sum + s.steps), heir = head([s IN staged WHERE s.free | s.id])
LET shared = [s IN staged | s {.*, steps: s.steps + CASE s.id WHEN heir THEN spare ELSE 0 END}]

// 2. Where each stands on the way.
LET passing = any(e IN $effects WHERE e.kind = 'Via')
UNWIND shared AS stage
UNWIND range(1, stage.steps) AS nth
LET within = (nth - 1 + (stage.order - 1.0) / (size(shared) - 1)) / stage.steps
LET way = stage.from + (stage.to - stage.from) * within
LET leg = CASE WHEN passing AND way > 0.5 THEN 1 ELSE 0 END
RETURN nth + reduce(sum = 0, s IN shared | sum + CASE WHEN s.order < stage.order THEN s.steps ELSE 0 END) AS position,
       stage.id AS stage, leg, NOT passing OR leg = 1 AS last,
       CASE WHEN passing THEN 2 * way - leg ELSE way END AS progress, stage.longest / stage.steps AS longest
ORDER BY position
