CYPHER 25
// A work's id is its own. No rows.
CREATE CONSTRAINT unique_work IF NOT EXISTS FOR (n:Work) REQUIRE n.id IS UNIQUE
