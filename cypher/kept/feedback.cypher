CYPHER 25
// Keeps what a listener said of a journey, in numbers alone. One row, or none where the journey is not kept.
//
// param   id      STRING
// param   moods   MAP        {valence_before, valence_after}, -1..1; those that were given
// param   steps   LIST<MAP>  {position, verdict}: 1.0 kept, 0.0 skipped, -1.0 never again
// column  id  STRING
MATCH (journey:Journey {id: $id})
SET journey += $moods
WITH journey
CALL (journey) {
  UNWIND $steps AS one
  MATCH (journey)-[:HAS_STEP {position: one.position}]->(step:Step)
  SET step.verdict = one.verdict
}
RETURN journey.id AS id
