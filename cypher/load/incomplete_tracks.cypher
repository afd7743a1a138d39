CYPHER 25
// Tracks without a value that a filtered search may test: such a track is never found, and nothing says so. A listener's
// own may wait for a vector (`load/silence_tracks`). One row per track and property, the first twenty.
//
// column  track_id  STRING
// column  property  STRING
MATCH (cue:Cue)
WITH collect(cue.id) + ['seconds', 'traits', 'embedding', 'profile'] AS properties
MATCH (track:Track)
UNWIND [property IN properties WHERE track[property] IS NULL
        AND NOT (property IN ['embedding', 'profile'] AND track.stamp IS NULL)] AS property
RETURN track.id AS track_id, property
ORDER BY track_id, property
LIMIT 20
