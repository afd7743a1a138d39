CYPHER 25
// What notices and questions say, with the choices of a question in their order. One row each.
//
// param   ids  LIST<STRING>
// column  id       STRING
// column  text     STRING
// column  text_zh  STRING
// column  choices  LIST<MAP>  {id, label, label_zh, declares}; empty for a notice
MATCH (said:Notice|Question) WHERE said.id IN $ids
RETURN said.id AS id, said.text AS text, said.text_zh AS text_zh, COLLECT {
  MATCH (said)-[:OFFERS]->(choice:Choice)
  RETURN choice {.id, label: choice.text, label_zh: choice.text_zh, declares: [(choice)-[:DECLARES]->(sign) | sign.id]}
  ORDER BY choice.order, choice.id
} AS choices
ORDER BY id
