CYPHER 25
// Tracks whose vectors lie nearest to one track's, nearest first. One row per track.
//
// title   Nearest tracks
// chart   table
// param   track_id  STRING = null  id of a Track; null: the first by id
// param   looked    INTEGER = 11   tracks looked at, itself among them
// column  asked       STRING   the track whose neighbours these are
// column  track_id    STRING
// column  title       STRING
// column  artist      STRING
// column  same_work   BOOLEAN  both perform one work
// column  similarity  FLOAT    (1 + cosine) / 2: 0.5 means unrelated
// column  valence     FLOAT    -1..1
// column  arousal     FLOAT    -1..1
MATCH (track:Track) WHERE track.embedding IS NOT NULL AND ($track_id IS NULL OR track.id = $track_id)
WITH track ORDER BY track.id LIMIT 1
MATCH (near:Track)
SEARCH near IN (VECTOR INDEX track_embedding FOR track.embedding LIMIT $looked) SCORE AS similarity
WITH track, near, similarity WHERE near <> track
OPTIONAL MATCH (near)-[:PERFORMS]->(work:Work)-[:BY]->(artist:Artist)
RETURN track.id AS asked, near.id AS track_id, near.title AS title, artist.name AS artist,
       EXISTS { (track)-[:PERFORMS]->(work) } AS same_work, similarity, near.valence AS valence, near.arousal AS arousal
ORDER BY similarity DESC, track_id
