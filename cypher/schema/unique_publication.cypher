CYPHER 25
// Each entry of what was published stands once: two that publish at one moment do not both. No rows.
CREATE CONSTRAINT unique_publication IF NOT EXISTS FOR (n:Publication) REQUIRE n.id IS UNIQUE
