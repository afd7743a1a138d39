CYPHER 25
// Works that nothing performs, then artists that no work is by. One row: how many works.
//
// column  removed  INTEGER
CALL () {
  MATCH (work:Work) WHERE NOT EXISTS { (work)<--() }
  DETACH DELETE work
  RETURN count(*) AS removed
}
CALL () {
  MATCH (artist:Artist) WHERE NOT EXISTS { (artist)<--() }
  DETACH DELETE artist
}
RETURN removed
