CYPHER 25
// What the names in `isopath forget` mean: an id of a track, or files. One row per name and track; a name that means nothing
// has none.
//
// param   names     LIST<MAP>  {name, paths}: as given, and the files that it means as a path
// column  name      STRING   as given
// column  track_id  STRING
// column  own       BOOLEAN  false for a track of the catalogue
// column  paths     LIST<STRING>  the files of it that are meant
UNWIND $names AS asked
CALL (asked) {
  MATCH (track:Track {id: asked.name})
  RETURN track, [(track)-[:STANDS_IN]->(file:File) | file.path] AS paths
  UNION
  UNWIND asked.paths AS path
  MATCH (file:File {path: path})<-[:STANDS_IN]-(track:Track)
  RETURN track, collect(file.path) AS paths
}
RETURN asked.name AS name, track.id AS track_id, track.id STARTS WITH 'own-' AS own, paths
ORDER BY name, track_id
