CYPHER 25
// A track's id is its own. No rows.
CREATE CONSTRAINT unique_track IF NOT EXISTS FOR (n:Track) REQUIRE n.id IS UNIQUE
