CYPHER 25
// Notes which tracks a listener's files hold; what a file held before is let go. One row: how many files.
//
// param   files    LIST<MAP>  {path, size, modified, track_ids, whole}
// column  written  INTEGER
UNWIND $files AS row
MERGE (file:File {path: row.path})
SET file.size = row.size, file.modified = row.modified, file.whole = row.whole
WITH file, row
CALL (file) {
  MATCH (file)<-[before:STANDS_IN]-()
  DELETE before
}
CALL (file, row) {
  UNWIND range(0, size(row.track_ids) - 1) AS place
  MATCH (track:Track {id: row.track_ids[place]})
  CREATE (track)-[:STANDS_IN {place: place}]->(file)
}
RETURN count(*) AS written
