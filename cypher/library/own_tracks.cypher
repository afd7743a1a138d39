CYPHER 25
// A listener's own tracks, with what tells close music. One row per track.
//
// param   after     STRING   id of the last track that was read; empty to begin
// param   count     INTEGER  tracks to read at most
// column  id        STRING
// column  source    STRING   path of the file that gave it its words
// column  kind      STRING   midi, musicxml, abc or audio
// column  made_by   STRING   sha256 of the model that made its vector; null when it has none
// column  likeness  STRING   half floats of a unit vector, in base64
MATCH (track:Track)
WHERE track.id > $after AND track.id STARTS WITH 'own-'
RETURN track.id AS id, track.source AS source, track.kind AS kind,
       CASE WHEN track.embedding IS NOT NULL THEN track.embedding_sha256 END AS made_by, track.likeness AS likeness
ORDER BY id
LIMIT $count
