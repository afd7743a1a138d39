CYPHER 25
// Makes nodes as a backup tells of them; no version serves before `backup/end`. One row per node.
//
// param   nodes  LIST<MAP>  {id, labels, properties, vectors: [{name, value: VECTOR}]}
// column  was    STRING     its number in the backup
// column  now    STRING     its number here
UNWIND $nodes AS row
CREATE (node:$(row.labels))
SET node = row.properties
FOREACH (version IN CASE WHEN 'Version' IN row.labels THEN [node] ELSE [] END | SET version.current = false)
WITH node, row
CALL (node, row) {
  UNWIND row.vectors AS vector
  CALL db.create.setNodeVectorProperty(node, vector.name, vector.value)
}
RETURN row.id AS was, elementId(node) AS now
