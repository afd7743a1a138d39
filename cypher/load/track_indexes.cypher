CYPHER 25
// The vector indexes over tracks as they stand, and how far they are built. One row for each that is there.
//
// column  name        STRING        track_embedding or track_profile
// column  properties  LIST<STRING>  the vector first, then what a search may test
// column  dimensions  INTEGER
// column  similarity  STRING        COSINE or EUCLIDEAN
// column  state       STRING        ONLINE, POPULATING or FAILED
// column  percent     FLOAT         of the tracks, 0..100
SHOW VECTOR INDEXES YIELD name, properties, options, state, populationPercent
WHERE name IN ['track_embedding', 'track_profile']
RETURN name, properties, options.indexConfig['vector.dimensions'] AS dimensions,
       options.indexConfig['vector.similarity_function'] AS similarity, state, populationPercent AS percent
ORDER BY name
