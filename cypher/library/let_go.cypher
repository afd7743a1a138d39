CYPHER 25
// Takes tracks out of a listener's files; a file that holds none any more is forgotten. One row: how many files were.
//
// param   held       LIST<MAP>  {track_id, paths}: the files that the track stands in no longer
// column  forgotten  INTEGER
CALL () {
  UNWIND $held AS one
  MATCH (:Track {id: one.track_id})-[stands:STANDS_IN]->(file:File)
  WHERE file.path IN one.paths
  DELETE stands
  RETURN collect(DISTINCT file) AS files
}
UNWIND files AS file
WITH file WHERE NOT EXISTS { (file)<-[:STANDS_IN]-() }
DETACH DELETE file
RETURN count(*) AS forgotten
