CYPHER 25
// Takes from a listener's own tracks the vectors that another model made: they can be compared with no words any more, and
// no search finds the tracks until they are ingested again. One row: how many wait for that.
//
// param   embedding_sha256  STRING   of the model that serves from now on
// column  waiting           INTEGER
MATCH (track:Track)
WHERE track.embedding_sha256 <> $embedding_sha256
SET track.embedding = null, track.profile = null
RETURN count(*) AS waiting
