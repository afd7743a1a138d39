CYPHER 25
// Which published rule gives way to which. One row per pair.
//
// title   Rules that give way
// chart   table
// column  rule_id     STRING  the one in effect
// column  tier        STRING
// column  gives_way   STRING  id of the rule that it overrides
// column  other_tier  STRING
// column  stages      LIST<STRING>  of the one in effect
MATCH (rule:Rule {status: 'published'})-[:OVERRIDES]->(other:Rule {status: 'published'})
RETURN rule.id AS rule_id, rule.tier AS tier, other.id AS gives_way, other.tier AS other_tier,
       COLLECT { MATCH (rule)-[:AT]->(stage:StageScope) RETURN stage.id ORDER BY stage.id } AS stages
ORDER BY rule_id, gives_way
