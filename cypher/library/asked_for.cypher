CYPHER 25
// What the names in `isopath forget` mean: an id of a track, a path of a file, a folder. One row per name and track;
// a name that means nothing has none.
//
// param   names     LIST<MAP>  {name, path, below}: as given, as a path, and as the beginning of all paths in it
// column  name      STRING   as given
// column  track_id  STRING
// column  own       BOOLEAN  false for a track of the catalogue
// column  paths     LIST<STRING>  the files of it that are meant
UNWIND $names AS asked
CALL (asked) {
  MATCH (track:Track {id: asked.name})
  RETURN track, [(track)-[:STANDS_IN]->(file:File) | file.path] AS paths
  UNION
  MATCH (file:File)<-[:STANDS_IN]-(track:Track)
  WHERE file.path = asked.path OR file.path STARTS WITH asked.below
  RETURN track, collect(file.path) AS paths
}
RETURN asked.name AS name, track.id AS track_id, track.id STARTS WITH 'own-' AS own, paths
ORDER BY name, track_id
