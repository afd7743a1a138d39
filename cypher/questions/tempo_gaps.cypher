CYPHER 25
// Gaps between neighbouring tempos of the catalogue: where a journey must jump. One row per gap.
//
// title   Gaps in tempo
// chart   bar  x=slower y=octaves
// param   least  FLOAT = 0.02  octaves that a gap must have; 0.02 is 1.4 %
// column  slower   FLOAT  BPM, below the gap
// column  faster   FLOAT  BPM, above it
// column  octaves  FLOAT  log2 of their ratio
MATCH (track:Track)
WITH DISTINCT track.tempo AS tempo ORDER BY tempo
WITH collect(tempo) AS tempos
UNWIND range(1, size(tempos) - 1) AS place
LET slower = tempos[place - 1], faster = tempos[place]
LET octaves = log(faster / slower) / log(2)
FILTER octaves >= $least
RETURN slower, faster, octaves
ORDER BY octaves DESC, slower
