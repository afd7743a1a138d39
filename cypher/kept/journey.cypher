CYPHER 25
// One kept journey, with all that is kept of it. One row, or none.
//
// param   id  STRING
// column  id       STRING
// column  day      STRING     as in 2026-11-28
// column  number   INTEGER    the first of the day is 1
// column  goal     STRING
// column  seed     INTEGER
// column  minutes  FLOAT
// column  liked    BOOLEAN    a wish coloured it
// column  language STRING     in which it was answered: en or zh
// column  quality  MAP        its measures
// column  steps    LIST<MAP>  {position, stage, track_id, verdict, similarity, cue_fit, rule_ids}; verdict as `kept/feedback` has it, or null;
//                              the last three only where the reading is kept
// column  signs    LIST<MAP>  {id, score}: what was felt, as the rules saw it; empty unless the person asked to keep it
// column  version  MAP        what it was planned under: {id, published, ontology_sha256, embedding_model, embedding_sha256}
// column  models   MAP        checksums: {emotion_model_sha256, embedding_model_sha256}
// column  moods    MAP        {before, after}: valence by the listener's own word, -1..1, or null
// column  listener  STRING    whose it is, as a keyed hash; null for nobody's
// column  vetoed   LIST<STRING>  ids of tracks that this listener never wants again
MATCH (journey:Journey {id: $id})
OPTIONAL MATCH (journey)-[:UNDER]->(version:Version)
CALL (journey) {
  MATCH (journey)-[at:HAS_STEP]->(step:Step)-[:IN]->(stage:Stage)
  MATCH (step)-[:PLAYS]->(track)
  LET rules = COLLECT { MATCH (step)-[:ALLOWED_BY]->(rule) RETURN rule.id ORDER BY rule.id }
  WITH at, step, stage, track, rules ORDER BY at.position
  RETURN collect({position: at.position, stage: stage.id, track_id: track.id, verdict: step.verdict, similarity: step.similarity,
                  cue_fit: step.cue_fit, rule_ids: rules}) AS steps
}
RETURN journey.id AS id, toString(journey.day) AS day, journey.number AS number, journey.goal AS goal, journey.seed AS seed,
       journey.minutes AS minutes, coalesce(journey.liked, false) AS liked,
       CASE WHEN journey.chinese THEN 'zh' ELSE 'en' END AS language,
       journey {.max_step, .mean_step, .monotonicity, .match_error, .target_error, .contracts_met, .share_of_bound} AS quality, steps,
       COLLECT { MATCH (journey)-[read:READ]->(sign) WITH sign, read ORDER BY sign.id RETURN {id: sign.id, score: read.score} } AS signs,
       version {.id, .published, .ontology_sha256, .embedding_model, .embedding_sha256} AS version,
       journey {.emotion_model_sha256, .embedding_model_sha256} AS models,
       {before: journey.valence_before, after: journey.valence_after} AS moods,
       head(COLLECT { MATCH (listener:Listener)-[:HEARD]->(journey) RETURN listener.id ORDER BY listener.id }) AS listener,
       COLLECT { MATCH (journey)<-[:HEARD]-(:Listener)-[:VETOES]->(track) RETURN DISTINCT track.id AS id ORDER BY id } AS vetoed
