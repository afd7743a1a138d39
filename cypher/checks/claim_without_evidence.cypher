CYPHER 25
// Problem: A claim of grade A or B names no evidence; only a judgement (grade C) may stand on its own.
// Repair: Let it name its evidence, or grade it C.
// One row per claim.
//
// column  claim_id  STRING
// column  grade     STRING
MATCH (claim:Claim)
WHERE claim.grade IN ['A', 'B'] AND NOT EXISTS { (claim)-[:SUPPORTED_BY]->(:Evidence) }
RETURN claim.id AS claim_id, claim.grade AS grade
ORDER BY claim_id
