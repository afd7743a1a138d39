CYPHER 25
// The scales that a feeling is read as: shares of several signs add, capped at 1. One row per scale, heaviest first.
//
// param   scores  MAP           sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1.0
// param   levels  MAP           sign id -> {present, strong}: thresholds, 0..1; 0.5 where none is given
// param   rules   LIST<STRING>  rules that hold and are not overridden: some readings count only under one
// column  scale   STRING
// column  weight  FLOAT  0..1
MATCH (sign:Sign)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
WHERE $scores[sign.id] >= coalesce($levels[sign.id].present, 0.5)
  AND (NOT EXISTS { (mapping)-[:UNDER]->(:Rule) } OR EXISTS { MATCH (mapping)-[:UNDER]->(under:Rule) WHERE under.id IN $rules })
WITH scale, sum($scores[sign.id] * mapping.share) AS weight
RETURN scale.id AS scale, CASE WHEN weight > 1 THEN 1.0 ELSE weight END AS weight
ORDER BY weight DESC, scale
