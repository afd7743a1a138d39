CYPHER 25
// Notes facts about all tracks that can be played. One row.
//
// column  tracks          INTEGER
// column  works           INTEGER
// column  artists         INTEGER
// column  median_seconds  FLOAT    length of a track
MATCH (track:Track)
WITH count(*) AS tracks, percentileCont(track.seconds, 0.5) AS median_seconds
LET works = COUNT { (:Work) }, artists = COUNT { (:Artist) }
MERGE (catalogue:Catalogue {id: 'catalogue'})
SET catalogue += {tracks: tracks, works: works, artists: artists, median_seconds: median_seconds}
RETURN tracks, works, artists, median_seconds
