CYPHER 25
// A listener's tracks that stand in no file any more, while a journey plays them: they keep their title and their work for
// the journey's sake, and no search finds them. One row per track.
//
// param   ids  LIST<STRING>  of tracks to look at
// column  id   STRING
UNWIND $ids AS id
MATCH (track:Track {id: id})
WHERE NOT EXISTS { (track)-[:STANDS_IN]->() } AND EXISTS { (track)<-[:PLAYS]-() }
SET track:Retired, track.embedding = null, track.profile = null, track.source = null, track.likeness = null
REMOVE track:Track
RETURN id
ORDER BY id
