CYPHER 25
// The ontology as the graph holds it: what a draft is compared with. One row per individual.
//
// column  id          STRING
// column  labels      LIST<STRING>        class and ancestors
// column  properties  MAP                 without id and vector
// column  links       LIST<LIST<STRING>>  type of the relationship, and id of its target
MATCH (individual:Individual) WHERE NOT individual:Retired AND individual.derived IS NULL
RETURN individual.id AS id, [label IN labels(individual) WHERE label <> 'Individual'] AS labels,
       individual {.*, id: null, embedding: null} AS properties,
       COLLECT {
         MATCH (individual)-[link]->(target:Individual) WHERE target.derived IS NULL RETURN [type(link), target.id]
       } AS links
ORDER BY id
