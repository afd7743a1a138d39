CYPHER 25
// How much of the catalogue, and of what journeys play, comes from each collection. One row per collection.
//
// title   Share of each collection
// chart   bar  x=collection y=share
// column  collection  STRING   folder of the music21 package; own for what a listener brought in
// column  tracks      INTEGER
// column  share       FLOAT    of all tracks, 0..1
// column  plays       INTEGER  steps of kept journeys
// column  played      FLOAT    share of all steps, 0..1
MATCH (track:Track)
LET collection = CASE WHEN track.source STARTS WITH 'music21:' THEN split(substring(track.source, 8), '/')[0] ELSE 'own' END
WITH collection, count(*) AS tracks, sum(COUNT { (:Step)-[:PLAYS]->(track) }) AS plays
WITH collect({collection: collection, tracks: tracks, plays: plays}) AS rows, sum(tracks) AS total, sum(plays) AS steps
UNWIND rows AS row
RETURN row.collection AS collection, row.tracks AS tracks, toFloat(row.tracks) / total AS share, row.plays AS plays,
       CASE WHEN steps > 0 THEN toFloat(row.plays) / steps ELSE 0.0 END AS played
ORDER BY tracks DESC, collection
