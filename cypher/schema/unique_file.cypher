CYPHER 25
// A listener's file is known by its path. No rows.
CREATE CONSTRAINT unique_file IF NOT EXISTS FOR (n:File) REQUIRE n.path IS UNIQUE
