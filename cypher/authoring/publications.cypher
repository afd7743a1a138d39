CYPHER 25
// What was published, rolled back to or shipped, first first: the last one serves. One row per entry.
//
// column  position         INTEGER         1 is the first
// column  number           INTEGER         of the version that serves from then on
// column  kind             STRING          shipped, published or rolled back
// column  by               STRING          who answers for it
// column  why              STRING
// column  at               ZONED DATETIME
// column  ontology_sha256  STRING
// column  changes          LIST<STRING>    against what served before, in sentences
// column  seal             STRING          hash over all of this and over the seal before
MATCH (publication:Publication)
RETURN publication.position AS position, publication.number AS number, publication.kind AS kind, publication.by AS by,
       publication.why AS why, publication.at AS at, publication.ontology_sha256 AS ontology_sha256,
       publication.changes AS changes, publication.seal AS seal
ORDER BY position
