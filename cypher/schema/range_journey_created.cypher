CYPHER 25
// Journeys are listed by when they were made. No rows.
CREATE RANGE INDEX range_journey_created IF NOT EXISTS FOR (n:Journey) ON (n.created)
