CYPHER 25
// Drops the vector index over tracks; its successor is made in the same transaction. No rows.
DROP INDEX track_embedding IF EXISTS
