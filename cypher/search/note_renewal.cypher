CYPHER 25
// Notes that the vector index did not answer and was made anew. One row.
//
// column  renewed  ZONED DATETIME
MERGE (catalogue:Catalogue {id: 'catalogue'})
SET catalogue.index_renewed = datetime()
RETURN catalogue.index_renewed AS renewed
