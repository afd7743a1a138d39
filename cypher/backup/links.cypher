CYPHER 25
// All that these relationships hold. One row per relationship.
//
// param   ids         LIST<STRING>  as the server numbers them
// column  start       STRING        node that it leads from
// column  end         STRING        node that it leads to
// column  type        STRING
// column  properties  MAP
UNWIND $ids AS id
MATCH (start)-[link]->(end) WHERE elementId(link) = id
RETURN elementId(start) AS start, elementId(end) AS end, type(link) AS type, properties(link) AS properties
