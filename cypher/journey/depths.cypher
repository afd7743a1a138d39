CYPHER 25
// How deep each cue, and what is said in words, is mirrored: over negative signs as the policy of mirrors says, else
// the mean. A beginning that is replaced is met in full. One row for each cue, and one for words.
//
// param   signs    LIST<MAP>  {score, negative, rule_id, depth, depths}: `journey/mirrored`
// param   effects  LIST<MAP>  {kind}: `journey/effects`
// column  cue       STRING        null for what is said in words
// column  depth     FLOAT         how much of the way from the goal back to the feeling, 0..1
// column  named     BOOLEAN       whether a mirror names this cue for more than the rest
// column  rule_ids  LIST<STRING>  rules that mirror
MATCH (policy:HitPolicy {governs: 'Mirror'})
CALL () { MATCH (cue:Cue) RETURN cue.id AS cue UNION ALL RETURN null AS cue }
LET replaced = any(e IN $effects WHERE e.kind = 'Replace')
UNWIND CASE WHEN replaced OR $signs = [] THEN [null] ELSE $signs END AS sign
LET own = head([d IN sign.depths WHERE d.cue = cue | d.depth])
LET depth = coalesce(own, sign.depth), settled = sign.negative AND policy.combine <> 'mean'
WITH cue, policy.combine = 'max' AS by_most, replaced, sum(sign.score * depth) AS deep, sum(sign.score) AS total,
     min(CASE WHEN settled THEN depth END) AS least, max(CASE WHEN settled THEN depth END) AS most,
     coalesce(max(toInteger(own > sign.depth)), 0) = 1 AS named, collect(DISTINCT sign.rule_id) AS rule_ids
LET mean = CASE WHEN total > 0 THEN deep / total ELSE 0.0 END
RETURN cue, CASE WHEN replaced THEN 1.0 ELSE coalesce(CASE WHEN by_most THEN most ELSE least END, mean) END AS depth,
       named, rule_ids
ORDER BY cue
