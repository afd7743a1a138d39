CYPHER 25
// Notes that places of so many journeys are filled. One row: of how many more they are not.
//
// param   journeys  INTEGER
// column  unfilled  INTEGER
OPTIONAL MATCH (mark:Unfilled)
SET mark.journeys = mark.journeys - $journeys
WITH collect(mark) AS marks
LET unfilled = reduce(left = 0, mark IN marks | left + CASE WHEN mark.journeys > 0 THEN mark.journeys ELSE 0 END)
FOREACH (mark IN [mark IN marks WHERE mark.journeys <= 0] | DELETE mark)
RETURN unfilled
