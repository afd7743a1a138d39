CYPHER 25
// Claims that a source speaks against, with who makes them. One row per claim.
//
// title   Claims that are challenged
// chart   table
// column  claim_id    STRING
// column  about       STRING
// column  grade       STRING
// column  made_by     LIST<STRING>  ids of rules, mappings and others
// column  support     LIST<STRING>  keys of evidence
// column  challenge   LIST<STRING>  keys of evidence
MATCH (claim:Claim)-[:CHALLENGED_BY]->(:Evidence)
WITH DISTINCT claim
RETURN claim.id AS claim_id, claim.about AS about, claim.grade AS grade,
       COLLECT { MATCH (one)-[:CLAIMS]->(claim) RETURN one.id ORDER BY one.id } AS made_by,
       COLLECT { MATCH (claim)-[:SUPPORTED_BY]->(source:Evidence) RETURN source.key ORDER BY source.key } AS support,
       COLLECT { MATCH (claim)-[:CHALLENGED_BY]->(source:Evidence) RETURN source.key ORDER BY source.key } AS challenge
ORDER BY grade, claim_id
