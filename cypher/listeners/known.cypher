CYPHER 25
// All that is known of a listener. One row, or none.
//
// param   listener  STRING  keyed hash
// column  journeys  LIST<STRING>  ids, in the order in which they were planned
// column  vetoed    LIST<STRING>  ids of tracks
MATCH (listener:Listener {id: $listener})
RETURN COLLECT { MATCH (listener)-[:HEARD]->(journey:Journey) RETURN journey.id ORDER BY journey.day, journey.number } AS journeys,
       COLLECT { MATCH (listener)-[:VETOES]->(track) RETURN track.id ORDER BY track.id } AS vetoed
