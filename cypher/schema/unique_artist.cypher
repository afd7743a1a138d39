CYPHER 25
// An artist's id is its own. No rows.
CREATE CONSTRAINT unique_artist IF NOT EXISTS FOR (n:Artist) REQUIRE n.id IS UNIQUE
