CYPHER 25
// The vector index over tracks as it stands, and how far it is built. One row when there is one.
//
// column  properties  LIST<STRING>  the vector first, then what a search may test
// column  dimensions  INTEGER
// column  similarity  STRING        COSINE
// column  state       STRING        ONLINE, POPULATING or FAILED
// column  percent     FLOAT         of the tracks, 0..100
SHOW VECTOR INDEXES YIELD name, properties, options, state, populationPercent
WHERE name = 'track_embedding'
RETURN properties, options.indexConfig['vector.dimensions'] AS dimensions,
       options.indexConfig['vector.similarity_function'] AS similarity, state, populationPercent AS percent
