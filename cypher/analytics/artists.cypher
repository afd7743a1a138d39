CYPHER 25
// Whose music the catalogue holds, and what it is like on the whole. One row per artist.
//
// title   Artists
// chart   bar  x=artist y=tracks
// column  artist   STRING
// column  works    INTEGER
// column  tracks   INTEGER
// column  share    FLOAT    of all tracks, 0..1
// column  valence  FLOAT    mean, -1..1
// column  arousal  FLOAT    mean, -1..1
MATCH (artist:Artist)<-[:BY]-(work:Work)<-[:PERFORMS]-(track:Track)
WITH artist, count(DISTINCT work) AS works, count(*) AS tracks, avg(track.valence) AS valence,
     avg(track.arousal) AS arousal
MATCH (catalogue:Catalogue)
RETURN artist.name AS artist, works, tracks, toFloat(tracks) / catalogue.tracks AS share, valence, arousal
ORDER BY tracks DESC, artist
