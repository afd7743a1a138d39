CYPHER 25
// What notices and questions say, with the choices of a question in their order. One row each.
//
// param   ids  LIST<STRING>
// column  id       STRING
// column  text     STRING
// column  text_zh  STRING
// column  choices  LIST<MAP>  {id, label, label_zh, declares}; empty for a notice
MATCH (said:Notice|Question) WHERE said.id IN $ids
CALL (said) {
  OPTIONAL MATCH (said)-[:OFFERS]->(choice:Choice)
  WITH choice ORDER BY choice.order, choice.id
  RETURN collect(choice {.id, label: choice.text, label_zh: choice.text_zh, declares: [(choice)-[:DECLARES]->(sign) | sign.id]}) AS choices
}
RETURN said.id AS id, said.text AS text, said.text_zh AS text_zh, choices
ORDER BY id
