CYPHER 25
// The tracks that journeys choose from, by id. One row per track.
//
// param   after   STRING   id of the last track that was read; empty to begin
// param   count   INTEGER  tracks to read at most
// param   prefix  STRING   of the ids asked for; empty for all, 'own-' for a listener's own
// column  id       STRING
// column  title    STRING
// column  artist   STRING
// column  source   STRING   absolute path of a listener's own file, or music21:path
// column  cues     MAP      each in its unit
// column  valence  FLOAT    -1..1
// column  arousal  FLOAT    -1..1
// column  seconds  FLOAT
// column  waits    BOOLEAN  it has no vector of the model in use, and no journey plays it until it is ingested again
MATCH (track:Track)-[:PERFORMS]->(:Work)-[:BY]->(artist:Artist)
WHERE track.id > $after AND track.id STARTS WITH $prefix
WITH track, artist ORDER BY track.id LIMIT $count
RETURN track.id AS id, track.title AS title, artist.name AS artist, track.source AS source,
       track {.tempo, .onset_rate, .level, .level_swing, .level_in, .level_out, .mode, .articulation, .register,
              .pitch_spread, .brightness, .roughness} AS cues,
       track.valence AS valence, track.arousal AS arousal, track.seconds AS seconds, track.embedding IS NULL AS waits
ORDER BY id
