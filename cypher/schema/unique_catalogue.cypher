CYPHER 25
// There is one node of facts about the catalogue: two loads at once must not make two. No rows.
CREATE CONSTRAINT unique_catalogue IF NOT EXISTS FOR (n:Catalogue) REQUIRE n.id IS UNIQUE
