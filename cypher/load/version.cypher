CYPHER 25
// The version that serves: what was loaded, from which files, with which model. One row, or none before the first load.
//
// column  id                STRING
// column  ontology_sha256   STRING
// column  version_info      STRING
// column  catalogue_sha256  STRING
// column  embedding_model   STRING
// column  embedding_sha256  STRING
// column  dimensions        INTEGER  of the embeddings
// column  mapping_sha256    STRING   of the queries in cypher/schema and cypher/load
// column  published         INTEGER  number of the published version; null for a draft
// column  loaded            ZONED DATETIME
MATCH (version:Version {current: true})
RETURN version.id AS id, version.ontology_sha256 AS ontology_sha256, version.version_info AS version_info,
       version.catalogue_sha256 AS catalogue_sha256, version.embedding_model AS embedding_model,
       version.embedding_sha256 AS embedding_sha256, version.dimensions AS dimensions,
       version.mapping_sha256 AS mapping_sha256, version.published AS published, version.loaded AS loaded
