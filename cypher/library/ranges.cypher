CYPHER 25
// The smallest and the largest plausible value of each cue that is measured. One row per cue.
//
// column  cue   STRING
// column  low   FLOAT   in the cue's unit
// column  high  FLOAT
MATCH (cue:Cue)
WHERE cue.minimum IS NOT NULL AND cue.maximum IS NOT NULL
RETURN cue.id AS cue, toFloat(cue.minimum) AS low, toFloat(cue.maximum) AS high
ORDER BY cue
