CYPHER 25
// Contexts that a person can declare. One row each.
//
// column  id     STRING
// column  label  STRING
MATCH (context:Context) WHERE NOT coalesce(context.held, false)
RETURN context.id AS id, context.label AS label
ORDER BY id
