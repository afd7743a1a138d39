CYPHER 25
// The scales where the way begins, passes and ends: what is felt, or what replaces it; what the rules pass through;
// what the goal aims at. One row for each point and scale.
//
// param   signs    LIST<MAP>  {score, scales}: `journey/mirrored`
// param   goal     STRING     id of a Goal
// param   effects  LIST<MAP>  {kind, stage, of}: `journey/effects`
// column  point   STRING  start, via or goal
// column  scale   STRING
// column  weight  FLOAT   0..1
MATCH (first:Stage) WHERE NOT EXISTS { (:Stage)-[:NEXT]->(first) }
LET replaced = [e IN $effects WHERE e.kind = 'Replace' AND e.stage = first.id | e.of],
    via = [e IN $effects WHERE e.kind = 'Via']
LET passed = [e IN via WHERE e.stage = via[0].stage | e.of]
CALL (replaced, passed) {
  UNWIND CASE replaced WHEN [] THEN $signs ELSE [] END AS sign
  UNWIND sign.scales AS part
  WITH part.scale AS scale, sum(sign.score * part.weight) AS weight
  RETURN 'start' AS point, scale, CASE WHEN weight > 1 THEN 1.0 ELSE weight END AS weight
  UNION ALL
  UNWIND replaced AS scale RETURN DISTINCT 'start' AS point, scale, 1.0 AS weight
  UNION ALL
  UNWIND passed AS scale RETURN DISTINCT 'via' AS point, scale, 1.0 AS weight
  UNION ALL
  MATCH (:Goal {id: $goal})-[:AIMS_AT]->(aim:Aim)-[:AT_SCALE]->(scale:Scale)
  RETURN 'goal' AS point, scale.id AS scale, aim.share AS weight
}
RETURN point, scale, weight ORDER BY point, scale
