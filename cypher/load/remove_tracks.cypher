CYPHER 25
// Tracks that are gone from the catalogue and that no journey plays. Tracks of a listener's own are not touched: they
// stand in no catalogue. One row: how many.
//
// param   stamp    STRING   of the catalogue that is loaded
// column  removed  INTEGER
MATCH (track:Track|Retired)
WHERE track.stamp <> $stamp AND NOT EXISTS { (track)<--() }
DETACH DELETE track
RETURN count(*) AS removed
