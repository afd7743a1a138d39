CYPHER 25
// A listener's tracks that stand in no file any more and that no journey plays, and those that were retired and that no
// journey plays any more: they go. One row per track.
//
// param   ids  LIST<STRING>  of tracks to look at
// column  id   STRING
MATCH (track:Track|Retired)
WHERE (track:Retired AND track.id STARTS WITH 'own-' OR track:Track AND track.id IN $ids)
  AND NOT EXISTS { (track)-[:STANDS_IN]->() } AND NOT EXISTS { (track)<-[:PLAYS]-() }
WITH track, track.id AS id
DETACH DELETE track
RETURN id
ORDER BY id
