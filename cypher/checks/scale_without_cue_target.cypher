CYPHER 25
// Problem: A scale says nothing of a cue, so a profile that leans on it has a hole there.
// Repair: Add a CueTarget for the cue in gems.owl and let the scale call for it; those of valence and arousal are made by
// `isopath load`.
// One row per scale and cue.
//
// column  scale  STRING
// column  cue    STRING
MATCH (scale:Scale)
MATCH (cue:Cue)
FILTER NOT EXISTS { (scale)-[:CALLS_FOR]->(:CueTarget)-[:OF]->(cue) }
RETURN scale.id AS scale, cue.id AS cue
ORDER BY scale, cue
