CYPHER 25
// When the vector index last had to be made anew because it did not answer. One row, or none.
//
// column  renewed  ZONED DATETIME
MATCH (catalogue:Catalogue) WHERE catalogue.index_renewed IS NOT NULL
RETURN catalogue.index_renewed AS renewed
