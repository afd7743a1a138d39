CYPHER 25
// Tracks of an older release, which had a number for each trait, get the list of those that they have. One row.
//
// column  changed  INTEGER  tracks
MATCH (track:Track|Retired) WHERE track.traits IS NULL
SET track.traits = [trait IN [{id: 'lyrics', has: track.lyrics}, {id: 'hopeless-lyrics', has: track.hopeless_lyrics},
                              {id: 'imagery', has: track.imagery}, {id: 'vetoed', has: track.vetoed}]
                    WHERE trait.has > 0 | trait.id]
REMOVE track.lyrics, track.hopeless_lyrics, track.imagery, track.vetoed
RETURN count(*) AS changed
