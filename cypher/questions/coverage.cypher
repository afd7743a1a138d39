CYPHER 25
// How much music lies where a journey from each emotion passes: at the middle of each stage, on the straight way from the
// emotion's own point of the plane to the goal's. One row per emotion and stage.
//
// title   Coverage of feelings
// chart   heatmap  x=stage y=emotion value=tracks
// param   goal   STRING = "calm"  id of a Goal
// param   reach  FLOAT = 0.25     how far from the place a track may lie, each axis -1..1
// column  emotion  STRING
// column  stage    STRING
// column  valence  FLOAT    of the place, -1..1
// column  arousal  FLOAT    of the place, -1..1
// column  tracks   INTEGER  within reach
// column  share    FLOAT    of all tracks, 0..1
MATCH (track:Track)
WITH collect([track.valence, track.arousal]) AS points
MATCH (:Goal {id: $goal})-[:AIMS_AT]->(aim:Aim)-[:AT_SCALE]->(end:Scale)
WITH points, sum(aim.share * end.music_valence) / sum(aim.share) AS end_valence,
     sum(aim.share * end.music_arousal) / sum(aim.share) AS end_arousal
MATCH (emotion:Emotion)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
WHERE NOT EXISTS { (mapping)-[:UNDER]->(:Rule) }
WITH points, emotion.id AS emotion, end_valence, end_arousal,
     sum(mapping.share * scale.music_valence) / sum(mapping.share) AS from_valence,
     sum(mapping.share * scale.music_arousal) / sum(mapping.share) AS from_arousal
MATCH (part:Stage)
OPTIONAL MATCH (before:Stage {order: part.order - 1})
LET way = (part.ends_at + coalesce(before.ends_at, 0.0)) / 2
LET valence = from_valence + way * (end_valence - from_valence), arousal = from_arousal + way * (end_arousal - from_arousal)
LET tracks = size([point IN points WHERE (point[0] - valence) * (point[0] - valence) + (point[1] - arousal) * (point[1] - arousal) <= $reach * $reach])
RETURN emotion, part.id AS stage, valence, arousal, tracks, toFloat(tracks) / size(points) AS share
ORDER BY emotion, part.order
