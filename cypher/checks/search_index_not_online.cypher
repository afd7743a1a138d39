CYPHER 25
// Problem: The vector index over tracks cannot answer: it is still being built, or its build failed.
// Repair: Wait and ask again; when it stays so, run `isopath load` and read the server's log.
// One row when it is so.
//
// column  state    STRING
// column  percent  FLOAT   of the tracks, 0..100
SHOW VECTOR INDEXES YIELD name, state, populationPercent
WHERE name IN ['track_embedding', 'track_profile'] AND state <> 'ONLINE'
RETURN state, populationPercent AS percent
