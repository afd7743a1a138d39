CYPHER 25
// How many nodes stand under each label; what an erasing writes is left out, since it goes with it. One row per label.
//
// column  label  STRING
// column  nodes  INTEGER
MATCH (node) WHERE NOT node:Erasing
UNWIND labels(node) AS label
RETURN label, count(*) AS nodes
ORDER BY label
