CYPHER 25
// Adds an entry to what was published; the files of a version stand in the graph once. One row.
//
// param   publication  MAP     as `authoring/publications` shows it
// param   packed       STRING  the files, an archive in base64
// column  position  INTEGER
CREATE (publication:Publication)
SET publication = $publication, publication.id = 'publication-' + $publication.position
MERGE (sources:OntologySources {id: $publication.ontology_sha256})
ON CREATE SET sources.packed = $packed
CREATE (publication)-[:HOLDS]->(sources)
RETURN publication.position AS position
