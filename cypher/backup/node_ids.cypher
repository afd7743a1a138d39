CYPHER 25
// Every node, as the server numbers them. One row per node.
//
// column  id  STRING
MATCH (node)
RETURN elementId(node) AS id
ORDER BY id
