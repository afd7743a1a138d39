CYPHER 25
// How the catalogue is spread over one cue. Bins are equally wide in the cue's unit, or as ratios where the cue is on a log
// scale. One row per bin.
//
// title   Distribution of a cue
// chart   bar  x=low y=tracks
// param   cue   STRING = "tempo"  id of a Cue
// param   bins  INTEGER = 20
// column  cue     STRING
// column  unit    STRING
// column  low     FLOAT    lower end of the bin, in the cue's unit
// column  high    FLOAT    upper end
// column  tracks  INTEGER
// column  share   FLOAT    of all tracks that have the cue, 0..1
MATCH (cue:Cue {id: $cue})
MATCH (track:Track) WHERE track[cue.id] IS NOT NULL
LET value = CASE WHEN cue.scale = 'log' THEN log(track[cue.id]) ELSE track[cue.id] END
WITH cue, collect(value) AS found, min(value) AS least, max(value) AS most
LET width = CASE WHEN most > least THEN (most - least) / $bins ELSE 1.0 END
UNWIND range(0, $bins - 1) AS bin
LET tracks = size([one IN found WHERE toInteger((one - least) / width) = bin OR bin = $bins - 1 AND one = most]),
    low = least + bin * width, high = least + (bin + 1) * width
RETURN cue.id AS cue, cue.unit AS unit, CASE WHEN cue.scale = 'log' THEN exp(low) ELSE low END AS low,
       CASE WHEN cue.scale = 'log' THEN exp(high) ELSE high END AS high, tracks, toFloat(tracks) / size(found) AS share
ORDER BY low
