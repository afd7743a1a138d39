CYPHER 25
// What is asked of each cue where the way begins, passes and ends, as each stage hears it, before any leaning: the
// weighted mean of scales, without those silenced there but for cues that mirrors name. One row per stage and cue.
//
// param   depths   LIST<MAP>  {cue, depth, named}: `journey/depths`
// param   ends     LIST<MAP>  {point, scale, weight}: `journey/ends`
// param   effects  LIST<MAP>  {kind, stage, of}: `journey/effects`
// column  stage  STRING
// column  cue    STRING
// column  log    BOOLEAN  whether it is measured by ratio: its numbers here are natural logarithms
// column  start  MAP      {low, best, high, weight}; a cue counts as far as it can be relied on
// column  via    MAP      the same where the way passes through a scale, else null
// column  goal   MAP
// column  depth  FLOAT    how much of the way from the goal back to the feeling is mirrored, 0..1
// column  named  BOOLEAN  whether a mirror names this cue for more than the rest
UNWIND [d IN $depths WHERE d.cue IS NOT NULL] AS mirrored
MATCH (cue:Cue {id: mirrored.cue}), (stage:Stage)
LET log = cue.scale = 'log', silenced = [e IN $effects WHERE e.kind = 'Silence' AND e.stage = stage.id | e.of]
CALL (cue, log, silenced, mirrored) {
  UNWIND $ends AS end
  MATCH (scale:Scale {id: end.scale})-[:CALLS_FOR]->(target:CueTarget)-[:OF]->(cue)
  LET left = end.point = 'goal' AND all(e IN $ends WHERE e.point <> 'goal' OR e.scale IN silenced)  // nothing else is
  FILTER NOT scale.id IN silenced OR left OR end.point = 'start' AND mirrored.named
  LET share = end.weight * target.weight
  WITH end.point AS point, cue.reliability AS relied, sum(share) AS total,
       sum(share * CASE WHEN log THEN log(target.low) ELSE target.low END) AS low,
       sum(share * CASE WHEN log THEN log(target.best) ELSE target.best END) AS best,
       sum(share * CASE WHEN log THEN log(target.high) ELSE target.high END) AS high
  FILTER total > 0
  LET at = {low: low / total, best: best / total, high: high / total, weight: total * relied}
  RETURN collect({point: point, at: at}) AS points
}
LET felt = head([p IN points WHERE p.point = 'start' | p.at]),
    via = head([p IN points WHERE p.point = 'via' | p.at]),
    aim = head([p IN points WHERE p.point = 'goal' | p.at])
LET goal = coalesce(aim, felt), from = coalesce(felt, aim),
    depth = CASE WHEN felt IS NULL THEN 0.0 ELSE mirrored.depth END
FILTER goal IS NOT NULL
RETURN stage.id AS stage, cue.id AS cue, log,
       {low: goal.low + depth * (from.low - goal.low), best: goal.best + depth * (from.best - goal.best),
        high: goal.high + depth * (from.high - goal.high),
        weight: goal.weight + depth * (from.weight - goal.weight)} AS start, via, goal, depth, mirrored.named AS named
ORDER BY stage, cue
