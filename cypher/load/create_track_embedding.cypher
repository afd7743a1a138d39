CYPHER 25
// The vector index over tracks; a filtered SEARCH may test only the properties named in WITH: every cue and
// the length. No rows.
//
// param  dimensions  INTEGER  of the embedding model
CREATE VECTOR INDEX track_embedding IF NOT EXISTS FOR (t:Track) ON t.embedding
WITH [
  t.tempo, t.onset_rate, t.level, t.level_swing, t.level_in, t.level_out, t.mode, t.articulation, t.register,
  t.pitch_spread, t.brightness, t.roughness, t.valence, t.arousal, t.seconds
]
OPTIONS {indexConfig: {`vector.dimensions`: $dimensions, `vector.similarity_function`: 'cosine'}}
