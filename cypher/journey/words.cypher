CYPHER 25
// What is asked for in words where the way begins, passes and ends, and what rules say at a stage, as vectors: weighted
// sums of the descriptors, without those of scales that are silenced there. One row per stage.
//
// param   depths   LIST<MAP>     {cue, depth}: `journey/depths`
// param   ends     LIST<MAP>     {point, scale, weight}: `journey/ends`
// param   effects  LIST<MAP>     {kind, stage, of, weight, rule_ids}: `journey/effects`
// param   rules    LIST<STRING>  rules that hold and are not overridden
// param   like     LIST<FLOAT>   a wish in the person's own words, as a vector of unit length; null for none
// column  stage  STRING
// column  start  LIST<FLOAT>  as far as words are mirrored, else those of the goal
// column  via    LIST<FLOAT>  null where the way runs straight
// column  goal   LIST<FLOAT>
// column  said   LIST<FLOAT>  what rules say at the stage; null for nothing
// column  wish   LIST<FLOAT>  the wish without what it shares with the words of silenced scales; null for none
MATCH (stage:Stage) LET silenced = [e IN $effects WHERE e.kind = 'Silence' AND e.stage = stage.id | e.of]
CALL (stage, silenced) {
  UNWIND $ends AS end
  MATCH (scale:Scale {id: end.scale})-[:DESCRIBED_BY]->(told:Descriptor)
  LET left = end.point = 'goal' AND all(e IN $ends WHERE e.point <> 'goal' OR e.scale IN silenced)  // nothing else is
  FILTER left OR NOT scale.id IN silenced
  LET whole = reduce(sum = 0.0, e IN $ends | sum + CASE e.point WHEN end.point THEN e.weight ELSE 0.0 END)
  RETURN end.point AS at, end.weight / whole AS weight, told
  UNION ALL
  MATCH (rule:Rule)-[:AT]->(at:StageScope), (rule)-[:DESCRIBED_BY]->(told:Descriptor)
  WHERE rule.id IN $rules AND at.id IN [stage.id, 'every-stage']
  RETURN 'said' AS at, 1.0 AS weight, told
  UNION ALL
  UNWIND [e IN $effects WHERE e.kind = 'Lean' AND e.stage = stage.id AND NOT e.of IN silenced] AS lean
  MATCH (what:!Cue {id: lean.of})-[:DESCRIBED_BY]->(told:Descriptor)
  RETURN 'said' AS at, lean.weight AS weight, told
}
WITH stage, silenced, at, collect({weight: weight, vector: told.embedding}) AS parts
WITH stage, silenced, collect({at: at, vector: [i IN range(0, size(parts[0].vector) - 1)
                               | reduce(sum = 0.0, part IN parts | sum + part.weight * part.vector[i])]}) AS vectors
LET felt = head([v IN vectors WHERE v.at = 'start' | v.vector]),
    goal = head([v IN vectors WHERE v.at = 'goal' | v.vector]),
    depth = head([d IN $depths WHERE d.cue IS NULL | d.depth])
CALL (silenced) {
  MATCH (scale:Scale)-[:DESCRIBED_BY]->(told:Descriptor) WHERE $like IS NOT NULL AND scale.id IN silenced
  WITH scale, collect(told.embedding) AS parts ORDER BY scale.id
  RETURN collect([i IN range(0, size($like) - 1) | reduce(sum = 0.0, part IN parts | sum + part[i])]) AS hushed
}
LET wish = reduce(left = $like, hush IN hushed | head([shared IN [
      reduce(sum = 0.0, i IN range(0, size(left) - 1) | sum + left[i] * hush[i])
      / reduce(sum = 0.0, x IN hush | sum + x * x)]
      | CASE WHEN shared > 0 THEN [i IN range(0, size(left) - 1) | left[i] - shared * hush[i]] ELSE left END]))
RETURN stage.id AS stage, CASE WHEN felt IS NULL THEN goal
       ELSE [i IN range(0, size(goal) - 1) | (1 - depth) * goal[i] + depth * felt[i]] END AS start,
       head([v IN vectors WHERE v.at = 'via' | v.vector]) AS via, goal,
       head([v IN vectors WHERE v.at = 'said' | v.vector]) AS said, wish
ORDER BY stage
