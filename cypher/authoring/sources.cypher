CYPHER 25
// The files of a published version. One row, or none.
//
// param   number  INTEGER
// column  packed  STRING   an archive, in base64
MATCH (:Publication {number: $number})-[:HOLDS]->(sources:OntologySources)
RETURN DISTINCT sources.packed AS packed
