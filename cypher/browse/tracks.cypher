CYPHER 25
// These tracks, as a journey plays them, those forgotten since included as far as they are known. One row per track.
//
// param   ids  LIST<STRING>
// column  id         STRING
// column  work_id    STRING
// column  artist_id  STRING
// column  title      STRING
// column  artist     STRING
// column  instrument STRING   what plays it; null where nobody stated it
// column  seconds    FLOAT
// column  cues       MAP      each in its unit
// column  valence    FLOAT    -1..1
// column  arousal    FLOAT    -1..1
// column  traits     LIST<STRING>  what it has that a rule may bar
// column  level      FLOAT    dB re full scale
// column  source     STRING   absolute path of a listener's own file, or music21:path; null when it was forgotten
// column  plays      BOOLEAN  journeys may choose it
UNWIND $ids AS id
MATCH (track:Track|Retired {id: id})
OPTIONAL MATCH (track)-[:PERFORMS]->(work:Work)-[:BY]->(artist:Artist)
RETURN track.id AS id, work.id AS work_id, artist.id AS artist_id, track.title AS title, artist.name AS artist,
       track.instrument AS instrument, track.seconds AS seconds,
       track {.tempo, .onset_rate, .level, .level_swing, .level_in, .level_out, .mode, .articulation, .register,
              .pitch_spread, .brightness, .roughness} AS cues,
       track.valence AS valence, track.arousal AS arousal, coalesce(track.traits, []) AS traits, track.level AS level, track.source AS source,
       track:Track AND track.embedding IS NOT NULL AS plays
ORDER BY id
