CYPHER 25
// Tracks that listeners skipped or never want to hear again, most often first. One row per track.
//
// title   Tracks that were skipped
// chart   bar  x=title y=skipped
// param   most  INTEGER = 50  rows
// column  track_id  STRING
// column  title     STRING
// column  told      INTEGER  times that a listener kept or skipped it
// column  skipped   INTEGER  skipped or never again
// column  never     INTEGER  never again
MATCH (step:Step)-[:PLAYS]->(track)
// 1 kept, 0 skipped, -1 never again. Read from a map: a graph to which no feedback came does not know the name.
LET verdict = properties(step).verdict
FILTER verdict IS NOT NULL
WITH track, count(*) AS told, sum(CASE WHEN verdict <= 0 THEN 1 ELSE 0 END) AS skipped, sum(CASE WHEN verdict < 0 THEN 1 ELSE 0 END) AS never
WHERE skipped > 0
RETURN track.id AS track_id, track.title AS title, told, skipped, never
ORDER BY skipped DESC, never DESC, track_id
LIMIT $most
