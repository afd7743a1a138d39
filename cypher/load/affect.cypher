CYPHER 25
// Gives tracks their valence and arousal: what each cue adds, by the cue weights of the ontology, clipped to -1..1.
// A cue counts by how many spreads it lies from its centre; on a log scale, spreads are in octaves. One row per axis
// that changed for a track.
//
// param   ids      LIST<STRING>  of the tracks to look at; null looks at all
// column  axis     STRING        valence or arousal
// column  changed  INTEGER       tracks
MATCH (weight:CueWeight)-[:OF]->(cue:Cue)
WITH weight.axis AS axis, collect({
  cue: cue.id, log: cue.scale = 'log', center: cue.center, share: weight.weight / cue.spread
}) AS weights
CALL () {
  WHEN $ids IS NULL THEN { MATCH (track:Track) RETURN track }
  ELSE { MATCH (track:Track) WHERE track.id IN $ids RETURN track }
}
LET total = reduce(total = 0.0, w IN weights | total + w.share * CASE
  WHEN w.log THEN log(track[w.cue] / w.center) / log(2)
  ELSE track[w.cue] - w.center
END)
LET value = CASE WHEN total > 1 THEN 1.0 WHEN total < -1 THEN -1.0 ELSE total END
FILTER track[axis] IS NULL OR track[axis] <> value
SET track[axis] = value
RETURN axis, count(*) AS changed
ORDER BY axis
