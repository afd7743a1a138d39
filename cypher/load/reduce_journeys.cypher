CYPHER 25
// Journeys that an older release kept lose what tells of the person: the rules, the reasons, the second. One row: how many.
//
// column  reduced  INTEGER
MATCH (journey:Journey) WHERE journey.created IS NOT NULL
CALL (journey) {
  MATCH (journey)-[:HAS_STEP]->(step)
  REMOVE step.because, step.similarity, step.cue_fit
  WITH step
  MATCH (step)-[allowed:ALLOWED_BY]->()
  DELETE allowed
}
REMOVE journey.created
RETURN count(*) AS reduced
