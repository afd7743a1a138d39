CYPHER 25
// Makes a version the one that serves. Earlier ones stay: journeys tell which they came from. One row.
//
// param   id                STRING
// param   ontology_sha256   STRING
// param   version_info      STRING
// param   catalogue_sha256  STRING
// param   embedding_model   STRING
// param   embedding_sha256  STRING
// param   dimensions        INTEGER  of the embeddings
// param   mapping_sha256    STRING   of the queries in cypher/schema and cypher/load
// param   published         INTEGER  number of the published version; null for a draft
// column  loaded            ZONED DATETIME
CALL () {
  MATCH (before:Version {current: true})
  SET before.current = false
}
MERGE (version:Version {id: $id})
SET version += {
  ontology_sha256: $ontology_sha256, version_info: $version_info, catalogue_sha256: $catalogue_sha256,
  embedding_model: $embedding_model, embedding_sha256: $embedding_sha256, dimensions: $dimensions,
  mapping_sha256: $mapping_sha256, published: $published, loaded: datetime(), current: true
}
RETURN version.loaded AS loaded
