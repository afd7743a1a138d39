CYPHER 25
// Tracks that no kept journey plays, by what speaks against them; a track counts for the first that does. One row per reason.
//
// title   Tracks never chosen, and why
// chart   bar  x=why y=tracks
// param   reach     FLOAT = 0.3  how near a scale's point a track must lie, each axis -1..1
// param   examples  INTEGER = 5  ids shown of each
// column  why       STRING
// column  tracks    INTEGER
// column  share     FLOAT         of all tracks, 0..1
// column  examples  LIST<STRING>  ids
MATCH (scale:Scale)
WITH collect(scale) AS scales
MATCH (track:Track)
WITH scales, collect(track) AS tracks
LET total = size(tracks)
UNWIND tracks AS track
FILTER NOT EXISTS { (:Step)-[:PLAYS]->(track) }
LET nearest = reduce(least = 4.0, s IN scales |
  CASE WHEN sqrt((track.valence - s.music_valence) ^ 2 + (track.arousal - s.music_arousal) ^ 2) < least
    THEN sqrt((track.valence - s.music_valence) ^ 2 + (track.arousal - s.music_arousal) ^ 2) ELSE least END)
LET why = CASE
  WHEN 'vetoed' IN track.traits THEN 'vetoed by the listener'
  WHEN track.embedding IS NULL THEN 'has no vector of the model in use'
  WHEN nearest > $reach THEN 'lies far from the point of every scale'
  WHEN EXISTS { (track)-[:PERFORMS]->(:Work)<-[:PERFORMS]-(:Track)<-[:PLAYS]-(:Step) } THEN 'another performance of its work was chosen'
  ELSE 'others ranked before it'
END
WITH why, total, track ORDER BY track.id
WITH why, total, collect(track.id) AS ids
RETURN why, size(ids) AS tracks, toFloat(size(ids)) / total AS share, ids[..$examples] AS examples
ORDER BY tracks DESC, why
