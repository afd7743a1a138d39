CYPHER 25
// How often each rule let a track into a journey that was kept with its reading (--keep-reading): the others keep no rules.
// One row per rule that ever did.
//
// title   Rules in journeys
// chart   bar  x=rule_id y=steps
// column  rule_id   STRING
// column  label     STRING
// column  journeys  INTEGER
// column  steps     INTEGER
MATCH (journey:Journey)-[:HAS_STEP]->(step:Step)-[:ALLOWED_BY]->(rule)
RETURN rule.id AS rule_id, rule.label AS label, count(DISTINCT journey) AS journeys, count(*) AS steps
ORDER BY steps DESC, rule_id
