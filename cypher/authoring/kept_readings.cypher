CYPHER 25
// Readings that people asked to keep, with what their journeys were planned from, by the id of the journey. One row each.
//
// param   most   INTEGER    the latest so many
// column  id     STRING     of the journey
// column  goal   STRING
// column  seed   INTEGER
// column  signs  LIST<MAP>  {id, score}
MATCH (journey:Journey) WHERE EXISTS { (journey)-[:READ]->() }
ORDER BY journey.day DESC, journey.number DESC, journey.id LIMIT $most
RETURN journey.id AS id, journey.goal AS goal, journey.seed AS seed,
       COLLECT { MATCH (journey)-[read:READ]->(sign) WITH sign, read ORDER BY sign.id RETURN {id: sign.id, score: read.score} } AS signs
ORDER BY id
