CYPHER 25
// A listener once. No rows.
CREATE CONSTRAINT unique_listener IF NOT EXISTS FOR (n:Listener) REQUIRE n.id IS UNIQUE
