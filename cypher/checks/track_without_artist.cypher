CYPHER 25
// Problem: A track performs no work, or a work that is by nobody: no limit per work or artist can hold for it.
// Repair: Give it a work_id and an artist_id in the catalogue, then run `isopath load`.
// One row per track.
//
// column  track_id  STRING
MATCH (track:Track)
WHERE NOT EXISTS { (track)-[:PERFORMS]->(:Work)-[:BY]->(:Artist) }
RETURN track.id AS track_id
ORDER BY track_id
