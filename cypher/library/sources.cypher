CYPHER 25
// Where a listener's own tracks are played from, and the files as they were when they were heard. One row per track.
//
// param   ids       LIST<STRING>
// column  id        STRING
// column  source    STRING   absolute path; a file address where the name is no UTF-8; null when it was forgotten
// column  kind      STRING   midi, musicxml, abc or audio
// column  seconds   FLOAT
// column  size      INTEGER  bytes; null when the file was forgotten
// column  modified  INTEGER  nanoseconds since 1970
UNWIND $ids AS id
MATCH (track:Track|Retired {id: id})
OPTIONAL MATCH (track)-[:STANDS_IN]->(file:File {path: track.source})
RETURN id, track.source AS source, track.kind AS kind, track.seconds AS seconds, file.size AS size,
       file.modified AS modified
ORDER BY id
