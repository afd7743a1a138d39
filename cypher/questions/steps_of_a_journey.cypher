CYPHER 25
// The steps of a kept journey in their order, where each track lies on the plane, and what it is like. One row per step.
//
// title   Steps of a journey
// chart   scatter  x=valence y=arousal by=stage
// param   journey_id  STRING = null  id of a Journey; null: the one that was kept last
// column  journey_id  STRING
// column  position    INTEGER  1 is the first
// column  stage       STRING
// column  track_id    STRING
// column  title       STRING
// column  artist      STRING
// column  seconds     FLOAT
// column  valence     FLOAT    -1..1
// column  arousal     FLOAT    -1..1
// column  tempo       FLOAT    BPM
// column  level       FLOAT    dB
MATCH (journey:Journey) WHERE $journey_id IS NULL OR journey.id = $journey_id
WITH journey ORDER BY journey.day DESC, journey.number DESC, journey.id LIMIT 1
MATCH (journey)-[:HAS_STEP]->(step:Step)-[:PLAYS]->(track), (step)-[:IN]->(stage)
OPTIONAL MATCH (track)-[:PERFORMS]->(:Work)-[:BY]->(artist:Artist)
RETURN journey.id AS journey_id, step.position AS position, stage.id AS stage, track.id AS track_id, track.title AS title,
       artist.name AS artist, track.seconds AS seconds, track.valence AS valence, track.arousal AS arousal, track.tempo AS tempo,
       track.level AS level
ORDER BY position
