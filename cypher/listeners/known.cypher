CYPHER 25
// All that is known of a listener. One row, or none.
//
// param   listener  STRING  keyed hash
// column  journeys  LIST<STRING>  ids, in the order in which they were planned
// column  vetoed    LIST<STRING>  ids of tracks
// column  kept      LIST<MAP>     {id, day, goal, seed, minutes, valence_before, valence_after, felt, steps}: all that is kept of each
//                                 journey; felt are {id, score}, steps are {position, stage, track_id, title, verdict}
MATCH (listener:Listener {id: $listener})
CALL (listener) {
  OPTIONAL MATCH (listener)-[:HEARD]->(journey:Journey)
  WITH journey ORDER BY journey.day, journey.number
  RETURN [each IN collect(journey {
    .id, .goal, .seed, .minutes, .valence_before, .valence_after, day: toString(journey.day),
    felt: COLLECT { MATCH (journey)-[read:READ]->(sign) WITH sign, read ORDER BY sign.id RETURN {id: sign.id, score: read.score} },
    steps: COLLECT {
      MATCH (journey)-[at:HAS_STEP]->(step)-[:PLAYS]->(track) MATCH (step)-[:IN]->(stage)
      WITH at, step, track, stage ORDER BY at.position
      RETURN {position: at.position, stage: stage.id, track_id: track.id, title: track.title, verdict: step.verdict}
    }
  }) WHERE each IS NOT NULL] AS kept
}
RETURN [each IN kept | each.id] AS journeys,
       COLLECT { MATCH (listener)-[:VETOES]->(track) RETURN track.id AS id ORDER BY id } AS vetoed, kept
