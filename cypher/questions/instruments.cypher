CYPHER 25
// What the catalogue is played on, and what journeys play of it. One row per instrument.
//
// title   Instruments
// chart   bar  x=instrument y=tracks
// column  instrument  STRING   null where nobody stated one
// column  tracks      INTEGER
// column  plays       INTEGER  steps of kept journeys
// column  valence     FLOAT    mean, -1..1
// column  arousal     FLOAT    mean, -1..1
MATCH (track:Track)
RETURN track.instrument AS instrument, count(*) AS tracks, sum(COUNT { (:Step)-[:PLAYS]->(track) }) AS plays,
       avg(track.valence) AS valence, avg(track.arousal) AS arousal
ORDER BY tracks DESC, instrument
