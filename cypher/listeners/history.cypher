CYPHER 25
// What counts of a listener's past: tracks of the last journeys, vetoes, and whether they were sad before. One row.
//
// param   listener  STRING   keyed hash
// param   journeys  INTEGER  how many of the last ones count
// param   levels    MAP      sign id -> {present, strong}: thresholds, 0..1
// column  recent  LIST<STRING>  ids of tracks, those of the last journey first
// column  vetoed  LIST<STRING>
// column  sad     BOOLEAN       what was kept of one of them shows sadness, as the rule of repeated sadness means it
OPTIONAL MATCH (listener:Listener {id: $listener})
CALL (listener) {
  OPTIONAL MATCH (listener)-[:HEARD]->(journey:Journey)
  WITH journey ORDER BY journey.day DESC, journey.number DESC LIMIT $journeys
  RETURN [each IN collect(journey) WHERE each IS NOT NULL] AS last
}
CALL (last) {
  UNWIND range(0, size(last) - 1) AS ago
  WITH ago, last[ago] AS journey
  MATCH (journey)-[:HAS_STEP]->(step)-[:PLAYS]->(track)
  WITH ago, step, track ORDER BY ago, step.position
  RETURN collect(DISTINCT track.id) AS recent
}
RETURN recent, COLLECT { MATCH (listener)-[:VETOES]->(track) RETURN track.id ORDER BY track.id } AS vetoed,
       any(journey IN last WHERE EXISTS {
         MATCH (:Condition {id: 'sad-present'})-[:ON]->(:Sign)<-[:IN|READ_AS|TO]-{0,2}(sign:Emotion)<-[read:READ]-(journey)
         WHERE read.score >= coalesce($levels[sign.id].present, 0.5)
       }) AS sad
