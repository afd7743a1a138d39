CYPHER 25
// Indexes of the server and what they stand for, those of its own bookkeeping left out. One row per index.
//
// column  name        STRING
// column  type        STRING
// column  labels      LIST<STRING>
// column  properties  LIST<STRING>  a vector index compares by the first and tests the others
// column  unique      BOOLEAN       it keeps the property unique
// column  state       STRING
SHOW INDEXES YIELD name, type, labelsOrTypes, properties, owningConstraint, state
WHERE type <> 'LOOKUP'
RETURN name, type, labelsOrTypes AS labels, properties, owningConstraint IS NOT NULL AS unique, state
ORDER BY name
