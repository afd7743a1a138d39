CYPHER 25
// All that these nodes hold. One row per node.
//
// param   ids         LIST<STRING>  as the server numbers them
// column  id          STRING
// column  labels      LIST<STRING>
// column  properties  MAP
UNWIND $ids AS id
MATCH (node) WHERE elementId(node) = id
RETURN id, labels(node) AS labels, properties(node) AS properties
