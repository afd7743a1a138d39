CYPHER 25
// How many tracks there are, how many of them are a listener's own, and how many of those have no vector of the model in
// use: no journey plays them until they are ingested again. One row.
//
// column  tracks   INTEGER
// column  own      INTEGER
// column  waiting  INTEGER
MATCH (track:Track)
RETURN count(*) AS tracks, count(CASE WHEN track.id STARTS WITH 'own-' THEN 1 END) AS own,
       count(CASE WHEN track.embedding IS NULL THEN 1 END) AS waiting
