CYPHER 25
// Tracks that sound most like some words, likest first; what a listener vetoed is left out. One row per track.
//
// param   wish    LIST<FLOAT>  the words as a vector, by the model that made the tracks' vectors
// param   looked  INTEGER      tracks looked at: more than are wanted, since the index finds only most of the likest
// param   limit   INTEGER      tracks at most
// column  id          STRING NOT NULL
// column  title       STRING NOT NULL
// column  artist      STRING
// column  similarity  FLOAT NOT NULL  (1 + cosine) / 2: 0.5 means unrelated
// column  seconds     FLOAT NOT NULL
// column  instrument  STRING  null where nobody stated one
// column  cues        MAP NOT NULL    the twelve, each in its own unit
// column  valence     FLOAT NOT NULL
// column  arousal     FLOAT NOT NULL
// column  source      STRING NOT NULL  where the music is: an absolute path, or `music21:` and a path in that package
MATCH (track:Track)
SEARCH track IN (VECTOR INDEX track_embedding FOR $wish LIMIT $looked) SCORE AS similarity
FILTER NOT 'vetoed' IN track.traits
WITH track, similarity ORDER BY similarity DESC, track.id LIMIT $limit
OPTIONAL MATCH (track)-[:PERFORMS]->(:Work)-[:BY]->(artist:Artist)
RETURN track.id AS id, track.title AS title, artist.name AS artist, similarity, track.seconds AS seconds, track.instrument AS instrument,
       track {.tempo, .onset_rate, .level, .level_swing, .level_in, .level_out, .mode, .articulation, .register, .pitch_spread, .brightness, .roughness} AS cues,
       track.valence AS valence, track.arousal AS arousal, track.source AS source
ORDER BY similarity DESC, id
