CYPHER 25
// Hubs among the vectors: tracks that stand among the nearest of more tracks than chance would have it (as often as
// neighbours are looked at, on average), over a sample of the catalogue. One row per track, the first twenty.
//
// title   Hubs among the tracks
// chart   bar  x=title y=found
// param   neighbours  INTEGER = 10   looked at for each track, itself among them
// param   sample      INTEGER = 200  tracks whose neighbours are looked at, spread over the ids
// column  track_id  STRING
// column  title     STRING
// column  found     INTEGER  times it was among the nearest of another track
// column  expected  FLOAT    times a track is on average
// column  times     FLOAT    found over expected
MATCH (track:Track) WHERE track.embedding IS NOT NULL
WITH track ORDER BY track.id
WITH collect(track) AS tracks
LET asked = CASE WHEN $sample < size(tracks) THEN $sample ELSE size(tracks) END
LET expected = toFloat(asked) * ($neighbours - 1) / size(tracks)
UNWIND [place IN range(0, asked - 1) | tracks[place * size(tracks) / asked]] AS one
CALL (one) {
  MATCH (near:Track)
  SEARCH near IN (VECTOR INDEX track_embedding FOR one.embedding LIMIT $neighbours)
  RETURN near
}
WITH one, near, expected WHERE near <> one
WITH near, expected, count(*) AS found
RETURN near.id AS track_id, near.title AS title, found, expected, found / expected AS times
ORDER BY found DESC, track_id
LIMIT 20
