CYPHER 25
// Takes away what a load derives from scales, so that it can be derived anew (`load/affect_targets`). One row: how many.
//
// column  removed  INTEGER
MATCH (derived:Individual {derived: true})
DETACH DELETE derived
RETURN count(*) AS removed
