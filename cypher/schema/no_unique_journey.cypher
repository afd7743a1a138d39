CYPHER 25
// Journeys of an older release stood in an index of ids, whose file keeps the ids of those that are erased. No rows.
DROP CONSTRAINT unique_journey IF EXISTS
