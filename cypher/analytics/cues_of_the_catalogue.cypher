CYPHER 25
// How each cue is spread over the catalogue, beside the range that the ontology takes as usual. One row per cue.
//
// title   Cues of the catalogue
// chart   table
// column  cue      STRING
// column  unit     STRING
// column  least    FLOAT
// column  low      FLOAT   a tenth of the tracks lies below
// column  median   FLOAT
// column  high     FLOAT   a tenth of the tracks lies above
// column  most     FLOAT
// column  minimum  FLOAT   smallest plausible value
// column  maximum  FLOAT   largest plausible value
MATCH (cue:Cue)
MATCH (track:Track)
LET value = track[cue.id]
WITH cue, min(value) AS least, percentileCont(value, 0.1) AS low, percentileCont(value, 0.5) AS median,
     percentileCont(value, 0.9) AS high, max(value) AS most
RETURN cue.id AS cue, cue.unit AS unit, least, low, median, high, most, cue.minimum AS minimum, cue.maximum AS maximum
ORDER BY cue
