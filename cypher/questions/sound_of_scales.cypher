CYPHER 25
// What each scale sounds like, cue by cue, as usual deviations from the cue's centre. One row per scale and cue.
//
// title   Sound of the scales
// chart   heatmap  x=cue y=scale value=deviation
// column  scale      STRING
// column  cue        STRING
// column  unit       STRING
// column  best       FLOAT   in the cue's unit
// column  weight     FLOAT   of the target
// column  deviation  FLOAT   spreads above the centre; spreads of a cue on a log scale are in octaves
MATCH (scale:Scale)-[:CALLS_FOR]->(target:CueTarget)-[:OF]->(cue:Cue)
RETURN scale.id AS scale, cue.id AS cue, cue.unit AS unit, target.best AS best, target.weight AS weight,
       CASE WHEN cue.scale = 'log' THEN log(target.best / cue.center) / log(2) ELSE target.best - cue.center END / cue.spread AS deviation
ORDER BY scale, cue
