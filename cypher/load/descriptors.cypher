CYPHER 25
// Gives each descriptor the vector of its words. One row: how many.
//
// param   descriptors  LIST<MAP>  {id, embedding: VECTOR}
// column  written      INTEGER
UNWIND $descriptors AS row
MATCH (descriptor:Descriptor {id: row.id})
CALL db.create.setNodeVectorProperty(descriptor, 'embedding', row.embedding)
RETURN count(*) AS written
