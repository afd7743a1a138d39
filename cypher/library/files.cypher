CYPHER 25
// A listener's own files, as they were when their tracks were made. One row per file.
//
// param   embedding_sha256  STRING   of the model in use
// param   mert_sha256       STRING   of the model that hears recordings for it; empty for none
// column  path              STRING   absolute; a file address where the name is no UTF-8
// column  size              INTEGER  bytes
// column  modified          INTEGER  nanoseconds since 1970
// column  track_ids         LIST<STRING>  in the order of the file
// column  current           BOOLEAN  nothing of it failed, and every track of it has a vector of this model
MATCH (file:File)<-[stands:STANDS_IN]-(track:Track)
WITH file, track ORDER BY file.path, stands.place
WITH file, collect(track.id) AS track_ids,
     min(toInteger(track.embedding_sha256 = $embedding_sha256 AND track.embedding IS NOT NULL
       AND (track.kind <> 'audio' OR coalesce(track.mert_sha256, '') = $mert_sha256))) = 1 AS embedded
RETURN file.path AS path, file.size AS size, file.modified AS modified, track_ids, file.whole AND embedded AS current
ORDER BY path
