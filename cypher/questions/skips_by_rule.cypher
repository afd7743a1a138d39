CYPHER 25
// How often listeners skipped tracks that a rule let in, of those they said anything about, with a 95 % interval (Wilson).
// Only journeys kept with their reading name rules. One row per rule.
//
// title   Skips by rule
// chart   bar  x=rule_id y=share
// param   least  INTEGER = 5  tracks that a row needs
// column  rule_id  STRING
// column  label    STRING
// column  tier     STRING
// column  told     INTEGER  tracks that listeners kept, skipped or never want again
// column  skipped  INTEGER  skipped or never again
// column  share    FLOAT    skipped of told, 0..1
// column  low      FLOAT    lower end of the interval
// column  high     FLOAT    upper end of the interval
MATCH (step:Step)-[:ALLOWED_BY]->(rule)
// 1 kept, 0 skipped, -1 never again. Read from a map: a graph to which no feedback came does not know the name.
LET verdict = properties(step).verdict
FILTER verdict IS NOT NULL
WITH rule, count(*) AS told, sum(CASE WHEN verdict <= 0 THEN 1 ELSE 0 END) AS skipped
WHERE told >= $least
LET share = toFloat(skipped) / told, z = 1.95996
LET middle = (share + z ^ 2 / (2 * told)) / (1 + z ^ 2 / told),
    reach = z / (1 + z ^ 2 / told) * sqrt(share * (1 - share) / told + z ^ 2 / (4.0 * told ^ 2))
RETURN rule.id AS rule_id, rule.label AS label, rule.tier AS tier, told, skipped, share, middle - reach AS low, middle + reach AS high
ORDER BY share DESC, rule_id
