CYPHER 25
// A listener's own tracks and the files that they are played from. One row per track.
//
// column  id      STRING
// column  source  STRING  absolute path; a file address where the name is no UTF-8
MATCH (track:Track)
WHERE track.id STARTS WITH 'own-'
RETURN track.id AS id, track.source AS source
ORDER BY id
