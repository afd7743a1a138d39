CYPHER 25
// How far it is on the plane from each emotion's own point to each goal's. One row per emotion and goal.
//
// title   The way to each goal
// chart   heatmap  x=goal y=emotion value=distance
// column  emotion   STRING
// column  goal      STRING
// column  distance  FLOAT   each axis -1..1
// column  valence   FLOAT   goal less emotion
// column  arousal   FLOAT   goal less emotion
MATCH (goal:Goal)-[:AIMS_AT]->(aim:Aim)-[:AT_SCALE]->(end:Scale)
WITH goal, sum(aim.share * end.music_valence) / sum(aim.share) AS end_valence,
     sum(aim.share * end.music_arousal) / sum(aim.share) AS end_arousal
MATCH (emotion:Emotion)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
WHERE NOT EXISTS { (mapping)-[:UNDER]->(:Rule) }
WITH goal, emotion, end_valence, end_arousal, sum(mapping.share * scale.music_valence) / sum(mapping.share) AS from_valence,
     sum(mapping.share * scale.music_arousal) / sum(mapping.share) AS from_arousal
LET valence = end_valence - from_valence, arousal = end_arousal - from_arousal
RETURN emotion.id AS emotion, goal.id AS goal, sqrt(valence ^ 2 + arousal ^ 2) AS distance, valence, arousal
ORDER BY emotion, goal
