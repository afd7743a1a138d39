CYPHER 25
// What notices and questions say, in every language that they have, with the choices of a question in their order. One row each.
//
// param   ids  LIST<STRING>
// column  id       STRING
// column  texts    LIST<MAP>  {name, text}, a language each; name: `text` in English, else `text_` and the language
// column  choices  LIST<MAP>  {id, texts, declares}; empty for a notice
MATCH (said:Notice|Question) WHERE said.id IN $ids
RETURN said.id AS id,
  [name IN keys(said) WHERE name STARTS WITH 'text' | {name: name, text: said[name]}] AS texts,
  COLLECT {
    MATCH (said)-[:OFFERS]->(choice:Choice)
    RETURN choice {
      .id,
      texts: [name IN keys(choice) WHERE name STARTS WITH 'text' | {name: name, text: choice[name]}],
      declares: [(choice)-[:DECLARES]->(sign) | sign.id]
    }
    ORDER BY choice.order, choice.id
  } AS choices
ORDER BY id
