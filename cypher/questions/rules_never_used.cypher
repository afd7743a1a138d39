CYPHER 25
// Published rules that let no track into any journey kept with its reading: only those journeys name rules. One row per rule.
//
// title   Rules that were never used
// chart   table
// column  rule_id   STRING
// column  label     STRING
// column  tier      STRING
// column  goals     LIST<STRING>  that it is for
// column  journeys  INTEGER       kept with their reading and led to one of these goals: of how many it could have been one
MATCH (rule:Rule {status: 'published'})-[:FOR]->(scope:GoalScope)
WHERE NOT EXISTS { (:Step)-[:ALLOWED_BY]->(rule) }
WITH rule, collect(scope.id) AS goals
RETURN rule.id AS rule_id, rule.label AS label, rule.tier AS tier, goals,
       COUNT {
         MATCH (journey:Journey) WHERE EXISTS { (journey)-[:READ]->() } AND ('any-goal' IN goals OR journey.goal IN goals)
       } AS journeys
ORDER BY journeys DESC, tier, rule_id
