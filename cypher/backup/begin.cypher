CYPHER 25
// Marks a graph as one that is being restored, until `backup/end`. No rows.
CREATE (:Restoring)
