CYPHER 25
// Notes that a listener wants to hear these tracks never again. One row: how many of them are known.
//
// param   listener  STRING        keyed hash
// param   tracks    LIST<STRING>  ids
// column  vetoed    INTEGER
MERGE (listener:Listener {id: $listener})
WITH listener
OPTIONAL MATCH (track:Track) WHERE track.id IN $tracks
FOREACH (one IN CASE WHEN track IS NULL THEN [] ELSE [track] END | MERGE (listener)-[:VETOES]->(one))
RETURN count(track) AS vetoed
