CYPHER 25
// Notes that a listener heard a journey that is kept. One row, or none where it is not.
//
// param   listener  STRING  keyed hash
// param   journey   STRING  id
// column  listener  STRING
MATCH (journey:Journey {id: $journey})
MERGE (listener:Listener {id: $listener})
MERGE (listener)-[:HEARD]->(journey)
RETURN listener.id AS listener
