CYPHER 25
// There is one lock for loading: without this, two loads could each make their own and pass each other. No rows.
CREATE CONSTRAINT unique_load_lock IF NOT EXISTS FOR (n:LoadLock) REQUIRE n.id IS UNIQUE
