CYPHER 25
// Fills the places in the server's files that a journey left free, and its transaction log, so that the log before is let
// go at the next checkpoint. `kept/clear` takes it out. One row: how many steps.
//
// param   journeys     INTEGER  how many are written, each of twelve steps
// param   text         STRING   of some kilobytes, for one of them
// column  overwritten  INTEGER
UNWIND range(1, $journeys) AS place
CREATE (journey:Erasing {id: 'ffffffff-ffff-4fff-8fff-ffffffffff0f', day: date({year: 1970}), number: 0, seed: 0, minutes: 0.0, because: $text})
WITH journey
UNWIND range(1, 12) AS position
CREATE (journey)-[:HAS_STEP {position: 0}]->(step:Erasing {position: 0, similarity: 0.0, cue_fit: 0.0}), (step)-[:PLAYS]->(step), (step)-[:IN]->(step)
RETURN count(*) AS overwritten
