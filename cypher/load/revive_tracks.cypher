CYPHER 25
// Retired tracks that are back in the catalogue. One row: how many.
//
// param   ids      LIST<STRING>  of tracks
// column  revived  INTEGER
UNWIND $ids AS id
MATCH (track:Retired {id: id})
WHERE NOT track:Individual
SET track:Track
REMOVE track:Retired
RETURN count(*) AS revived
