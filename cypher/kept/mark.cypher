CYPHER 25
// Notes that places of so many journeys are to be filled, in the transaction that writes over them: an erasing that breaks
// off is gone on with. One row: of how many journeys in all.
//
// param   journeys  INTEGER
// param   texts     BOOLEAN  whether the reasons of steps, which are texts, went too
// column  unfilled  INTEGER
MERGE (mark:Unfilled)
SET mark.journeys = coalesce(mark.journeys, 0) + $journeys, mark.texts = coalesce(mark.texts, false) OR $texts
RETURN mark.journeys AS unfilled
