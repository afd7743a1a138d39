CYPHER 25
// How mood changed over a journey, where listeners said how they felt before and after it, with a 95 % interval of the mean
// (Student's t). It says what changed, not what changed it. One row per goal and axis.
//
// title   Change of mood by goal
// chart   bar  x=goal y=mean by=axis
// param   least  INTEGER = 3  journeys that a row needs
// column  goal      STRING
// column  axis      STRING   valence or arousal
// column  journeys  INTEGER
// column  mean      FLOAT    after less before; each -1..1, so -2..2
// column  low       FLOAT    lower end of the interval
// column  high      FLOAT    upper end of the interval
MATCH (journey:Journey)
// A graph to which no feedback came knows none of these names: asked of a map, they are null and no misspelling.
LET told = properties(journey)
UNWIND [{name: 'valence', change: told.valence_after - told.valence_before},
        {name: 'arousal', change: told.arousal_after - told.arousal_before}] AS axis
FILTER axis.change IS NOT NULL
WITH journey.goal AS goal, axis.name AS axis, count(*) AS journeys, avg(axis.change) AS mean, stDev(axis.change) AS deviation
WHERE journeys >= $least AND journeys > 1
// Student's t at .975 by its expansion in 1 / degrees of freedom: within 1 % from four degrees on.
LET df = journeys - 1.0
LET reach = (1.95996 + 2.37227 / df + 2.82250 / df ^ 2 + 2.55585 / df ^ 3) * deviation / sqrt(journeys)
RETURN goal, axis, journeys, mean, mean - reach AS low, mean + reach AS high
ORDER BY goal, axis DESC
