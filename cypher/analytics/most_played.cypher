CYPHER 25
// Tracks that the journeys that are kept play most. One row per track, the first fifty.
//
// title   Tracks played most
// chart   bar  x=title y=plays
// column  track_id  STRING
// column  title     STRING
// column  artist    STRING
// column  stages    LIST<STRING>  where they stood
// column  plays     INTEGER
MATCH (step:Step)-[:PLAYS]->(track)
OPTIONAL MATCH (step)-[:IN]->(stage)
OPTIONAL MATCH (track)-[:PERFORMS]->(:Work)-[:BY]->(artist:Artist)
RETURN track.id AS track_id, track.title AS title, artist.name AS artist, collect(DISTINCT stage.id) AS stages,
       count(DISTINCT step) AS plays
ORDER BY plays DESC, track_id
LIMIT 50
