CYPHER 25
// Journeys that an older release kept lose what tells of the person: the rules, the reasons, the second. Asked until none is
// left, after `load/date_journeys`. One row: how many.
//
// param   most     INTEGER  journeys at most
// column  reduced  INTEGER
MATCH (journey:Journey) WHERE journey.created IS NOT NULL AND journey.number IS NOT NULL
WITH journey LIMIT $most
CALL (journey) {
  MATCH (journey)-[:HAS_STEP]->(step)
  REMOVE step.because, step.similarity, step.cue_fit
  WITH step
  MATCH (step)-[allowed:ALLOWED_BY]->()
  DELETE allowed
}
REMOVE journey.created
RETURN count(*) AS reduced
