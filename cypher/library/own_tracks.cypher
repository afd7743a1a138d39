CYPHER 25
// A listener's own tracks, with what tells close music. One row per track.
//
// param   embedding_sha256  STRING   of the model in use
// param   mert_sha256       STRING   of the model that hears recordings for it; empty for none
// param   after             STRING   id of the last track that was read; empty to begin
// param   count             INTEGER  tracks to read at most
// column  id                STRING
// column  source            STRING   path of the file that gave it its words
// column  kind              STRING   midi, musicxml, abc or audio
// column  current           BOOLEAN  it has a vector of these models
// column  likeness          STRING   half floats of a unit vector, in base64
MATCH (track:Track)
WHERE track.id > $after AND track.id STARTS WITH 'own-'
RETURN track.id AS id, track.source AS source, track.kind AS kind,
       track.embedding IS NOT NULL AND track.embedding_sha256 = $embedding_sha256
         AND (track.kind <> 'audio' OR coalesce(track.mert_sha256, '') = $mert_sha256) AS current,
       track.likeness AS likeness
ORDER BY id
LIMIT $count
