CYPHER 25
// Every rule with what it rests on and what speaks against it. One row per rule.
//
// title   Rules and their evidence
// chart   table
// column  rule_id     STRING
// column  label       STRING
// column  tier        STRING        safety, clinical or taste
// column  status      STRING
// column  grades      LIST<STRING>  of its claims, as about:grade
// column  support     LIST<STRING>  keys of evidence
// column  challenge   LIST<STRING>  keys of evidence
// column  signed      BOOLEAN       a therapist has signed it
MATCH (rule:Rule)
RETURN rule.id AS rule_id, rule.label AS label, rule.tier AS tier, rule.status AS status,
       COLLECT {
         MATCH (rule)-[:CLAIMS]->(claim:Claim)
         RETURN DISTINCT claim.about + ':' + claim.grade AS told ORDER BY told
       } AS grades,
       COLLECT {
         MATCH (rule)-[:CLAIMS]->(:Claim)-[:SUPPORTED_BY]->(source:Evidence)
         RETURN DISTINCT source.key ORDER BY source.key
       } AS support,
       COLLECT {
         MATCH (rule)-[:CLAIMS]->(:Claim)-[:CHALLENGED_BY]->(source:Evidence)
         RETURN DISTINCT source.key ORDER BY source.key
       } AS challenge,
       rule.signed_by IS NOT NULL AS signed
ORDER BY CASE tier WHEN 'safety' THEN 0 WHEN 'clinical' THEN 1 ELSE 2 END, rule.priority, rule_id
