CYPHER 25
// Tracks that are gone from the catalogue while a journey still plays them: no search finds them any more.
// One row: how many.
//
// param   stamp    STRING   of the catalogue that is loaded
// column  retired  INTEGER
MATCH (track:Track)
WHERE track.stamp <> $stamp AND EXISTS { (track)<--() }
SET track:Retired, track.embedding = null, track.profile = null
REMOVE track:Track
RETURN count(*) AS retired
