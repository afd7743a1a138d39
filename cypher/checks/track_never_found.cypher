CYPHER 25
// Problem: A track lacks something that a filtered search tests, or its vector is of another length or all zeros: the
// vector index takes it without a word and never finds it.
// Repair: Measure the track again, then run `isopath load`; for a track of a listener's own run `isopath ingest` again.
// One row per track and property.
//
// column  track_id  STRING
// column  property  STRING
MATCH (version:Version {current: true})
MATCH (cue:Cue)
WITH version, collect(cue.id) + ['seconds', 'traits'] AS properties
MATCH (track:Track)
LET sound = size(track.embedding) = version.dimensions AND any(x IN track.embedding WHERE x <> 0)
UNWIND [property IN properties WHERE track[property] IS NULL]
  + CASE WHEN coalesce(sound, false) THEN [] ELSE ['embedding'] END AS property
RETURN track.id AS track_id, property
ORDER BY track_id, property
