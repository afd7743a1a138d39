CYPHER 25
// Where the catalogue lies on the valence-arousal plane. One row per square that holds a track.
//
// title   Tracks on the plane
// chart   heatmap  x=valence y=arousal value=tracks
// param   squares  INTEGER = 20  along each axis
// column  valence  FLOAT    middle of the square, -1..1
// column  arousal  FLOAT    middle of the square, -1..1
// column  tracks   INTEGER
// column  plays    INTEGER  steps of kept journeys
MATCH (track:Track)
LET width = 2.0 / $squares
LET across = CASE WHEN track.valence >= 1 THEN $squares - 1 ELSE toInteger((track.valence + 1) / width) END,
    up = CASE WHEN track.arousal >= 1 THEN $squares - 1 ELSE toInteger((track.arousal + 1) / width) END
WITH across, up, width, count(*) AS tracks, sum(COUNT { (:Step)-[:PLAYS]->(track) }) AS plays
RETURN (across + 0.5) * width - 1 AS valence, (up + 0.5) * width - 1 AS arousal, tracks, plays
ORDER BY valence, arousal
