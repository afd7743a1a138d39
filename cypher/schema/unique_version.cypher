CYPHER 25
// A version's id is its own. No rows.
CREATE CONSTRAINT unique_version IF NOT EXISTS FOR (n:Version) REQUIRE n.id IS UNIQUE
