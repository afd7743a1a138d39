CYPHER 25
// Which published rules work at which stage; one that is for every stage counts at each. One row per stage and tier.
//
// title   Rules by stage
// chart   heatmap  x=stage y=tier value=rules
// column  stage     STRING
// column  tier      STRING        safety, clinical or taste
// column  rules     INTEGER
// column  rule_ids  LIST<STRING>
MATCH (part:Stage)
MATCH (rule:Rule {status: 'published'})-[:AT]->(scope:StageScope) WHERE scope = part OR scope.id = 'every-stage'
WITH DISTINCT part, rule ORDER BY rule.id
WITH part, rule.tier AS tier, collect(rule.id) AS rule_ids
RETURN part.id AS stage, tier, size(rule_ids) AS rules, rule_ids
ORDER BY part.order, CASE tier WHEN 'safety' THEN 0 WHEN 'clinical' THEN 1 ELSE 2 END
