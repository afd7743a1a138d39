CYPHER 25
// Which properties nodes have, and of which types. One row per set of labels and property.
//
// column  labels    LIST<STRING>
// column  property  STRING
// column  types     LIST<STRING>  Cypher's
CALL db.schema.nodeTypeProperties() YIELD nodeLabels, propertyName, propertyTypes
WITH nodeLabels AS labels, propertyName AS property, propertyTypes AS types
WHERE property IS NOT NULL AND NOT 'Erasing' IN labels
RETURN labels, property, types
ORDER BY property, labels
