CYPHER 25
// Which relationships lead from where to where, how many they are, and which properties they have. One row per type and labels
// at both ends.
//
// column  type        STRING
// column  source      LIST<STRING>  labels where it begins
// column  target      LIST<STRING>  labels where it ends
// column  links       INTEGER
// column  properties  LIST<STRING>
MATCH (from)-[link]->(to) WHERE NOT from:Erasing
WITH type(link) AS type, labels(from) AS source, labels(to) AS target, count(*) AS links, collect(DISTINCT keys(link)) AS found
RETURN type, source, target, links, reduce(all = [], part IN found | all + [key IN part WHERE NOT key IN all]) AS properties
ORDER BY type, source, target
