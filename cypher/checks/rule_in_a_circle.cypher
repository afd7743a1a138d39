CYPHER 25
// Problem: Rules override each other in a circle, so none of them can ever hold.
// Repair: Take one `overrides` out of the circle in ontology/rules.
// One row per rule of a circle.
//
// column  rule_id  STRING
MATCH (rule:Rule)-[:OVERRIDES]->+(rule)
RETURN DISTINCT rule.id AS rule_id
ORDER BY rule_id
