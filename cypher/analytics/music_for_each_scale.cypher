CYPHER 25
// How much music the catalogue has near the point of each scale in the valence-arousal plane. One row per scale.
//
// title   Music for each scale
// chart   bar  x=scale y=tracks
// column  scale    STRING
// column  tracks   INTEGER  no farther than 0.25 away, each axis -1..1
// column  nearest  FLOAT    distance of the nearest track
MATCH (scale:Scale)
MATCH (track:Track)
LET away = sqrt((track.valence - scale.music_valence) ^ 2 + (track.arousal - scale.music_arousal) ^ 2)
RETURN scale.id AS scale, sum(CASE WHEN away <= 0.25 THEN 1 ELSE 0 END) AS tracks, min(away) AS nearest
ORDER BY tracks, scale
