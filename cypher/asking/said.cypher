CYPHER 25
// What rules say to the person: what holds the journey back, what they ask, what they tell; first what speaks first by
// the policy of its kind (ontology/policies.owl). One row for each rule and effect.
//
// param   rules  LIST<STRING>  rules that hold and are not overridden, first in effect first: `journey/holding_rules`
// column  kind     STRING        Ask, Hold or Notify
// column  rule_id  STRING
// column  tier     STRING        safety, clinical or taste
// column  of       LIST<STRING>  ids of notices, or of a question
UNWIND range(0, size($rules) - 1) AS place
MATCH (rule:Rule {id: $rules[place]})-[:DOES]->(effect:Ask|Hold|Notify)
MATCH (policy:HitPolicy) WHERE policy.governs IN labels(effect)
RETURN policy.governs AS kind, rule.id AS rule_id, rule.tier AS tier,
       COLLECT { MATCH (effect)-[:OF]->(text) RETURN text.id ORDER BY text.id } AS of
ORDER BY kind, CASE policy.combine WHEN 'last' THEN -place ELSE place END, effect.id
