CYPHER 25
// The vector index over what rules look for; a filtered SEARCH may test only the properties named in WITH: every cue and
// the length. Profiles are not quantised: what tells them apart is small beside what they share. No rows.
//
// param  dimensions  INTEGER  of a profile
CREATE VECTOR INDEX track_profile IF NOT EXISTS FOR (t:Track) ON t.profile
WITH [
  t.tempo, t.onset_rate, t.level, t.level_swing, t.level_in, t.level_out, t.mode, t.articulation, t.register,
  t.pitch_spread, t.brightness, t.roughness, t.valence, t.arousal, t.seconds
]
OPTIONS {indexConfig: {
  `vector.dimensions`: $dimensions, `vector.similarity_function`: 'euclidean', `vector.quantization.enabled`: false
}}
