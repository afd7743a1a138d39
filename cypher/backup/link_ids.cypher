CYPHER 25
// Every relationship, as the server numbers them. One row per relationship.
//
// column  id  STRING
MATCH ()-[link]->()
RETURN elementId(link) AS id
ORDER BY id
