CYPHER 25
// Journeys that are kept, whole, in the order in which they were planned: what is exported for a study. One row per journey.
//
// title   Kept journeys with their steps
// chart   table
// param   goal   STRING = null  id of a Goal; null: any
// param   since  STRING = null  first day, as in 2026-11-28; null: all
// column  journey_id      STRING
// column  day             DATE      where the listener was
// column  number          INTEGER   the first of the day is 1
// column  goal            STRING
// column  seed            INTEGER
// column  minutes         FLOAT
// column  version         STRING    id of the Version it came from
// column  max_step        FLOAT     largest distance between neighbours in the plane
// column  mean_step       FLOAT
// column  monotonicity    FLOAT     null where start and goal are close
// column  share_of_bound  FLOAT
// column  reading         LIST<MAP>  {sign, score}; empty unless the listener let it be kept
// column  steps           LIST<MAP>  {position, stage, track_id, seconds, valence, arousal}; rule_ids where the reading is kept
MATCH (journey:Journey)
WHERE ($goal IS NULL OR journey.goal = $goal) AND ($since IS NULL OR journey.day >= date($since))
RETURN journey.id AS journey_id, journey.day AS day, journey.number AS number, journey.goal AS goal, journey.seed AS seed,
       journey.minutes AS minutes, head(COLLECT { MATCH (journey)-[:UNDER]->(version) RETURN version.id }) AS version,
       journey.max_step AS max_step, journey.mean_step AS mean_step, journey.monotonicity AS monotonicity,
       journey.share_of_bound AS share_of_bound,
       COLLECT { MATCH (journey)-[said:READ]->(sign) RETURN {sign: sign.id, score: said.score} ORDER BY said.score DESC, sign.id } AS reading,
       COLLECT {
         MATCH (journey)-[:HAS_STEP]->(step)-[:PLAYS]->(track), (step)-[:IN]->(stage)
         RETURN {position: step.position, stage: stage.id, track_id: track.id, seconds: track.seconds, valence: track.valence,
                 arousal: track.arousal, rule_ids: COLLECT { MATCH (step)-[:ALLOWED_BY]->(rule) RETURN rule.id ORDER BY rule.id }}
         ORDER BY step.position
       } AS steps
ORDER BY day, number, journey_id
