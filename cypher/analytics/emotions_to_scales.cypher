CYPHER 25
// How each emotion is read as music, and how well the way is supported. One row per emotion and scale.
//
// title   From emotions to scales
// chart   heatmap  x=scale y=emotion value=share
// column  emotion     STRING
// column  scale       STRING
// column  superfactor STRING
// column  share       FLOAT         of the emotion's score that the scale gets, 0..1
// column  grade       STRING        of the mapping
// column  evidence    LIST<STRING>  keys
MATCH (emotion:Emotion)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
OPTIONAL MATCH (scale)-[:PART_OF]->(superfactor:Superfactor)
LET evidence = COLLECT {
  MATCH (mapping)-[:CLAIMS]->(:Claim)-[:SUPPORTED_BY]->(source:Evidence)
  RETURN DISTINCT source.key ORDER BY source.key
}
RETURN emotion.id AS emotion, scale.id AS scale, superfactor.id AS superfactor, mapping.share AS share,
       mapping.grade AS grade, evidence
ORDER BY emotion, share DESC, scale
