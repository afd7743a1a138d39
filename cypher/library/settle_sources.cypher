CYPHER 25
// Tracks whose own file is gone while another holds the same music: that one is their source from now on.
// One row: how many.
//
// param   ids      LIST<STRING>  of tracks to look at
// column  settled  INTEGER
UNWIND $ids AS id
MATCH (track:Track {id: id})-[:STANDS_IN]->(file:File)
WITH track, collect(file.path) AS paths, min(file.path) AS first
FILTER NOT track.source IN paths
SET track.source = first
RETURN count(*) AS settled
