CYPHER 25
// Drops the vector index over what rules look for; its successor is made in the same transaction. No rows.
DROP INDEX track_profile IF EXISTS
