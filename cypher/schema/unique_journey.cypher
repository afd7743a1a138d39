CYPHER 25
// A journey's id is its own. No rows.
CREATE CONSTRAINT unique_journey IF NOT EXISTS FOR (n:Journey) REQUIRE n.id IS UNIQUE
