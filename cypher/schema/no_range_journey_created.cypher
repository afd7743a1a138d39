CYPHER 25
// Journeys of an older release were kept to the second, in an index too. No rows.
DROP INDEX range_journey_created IF EXISTS
