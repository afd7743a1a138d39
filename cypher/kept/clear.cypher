CYPHER 25
// Takes out what `kept/blank` and `kept/overwrite` left. One row: how many nodes.
//
// column  cleared  INTEGER
MATCH (left:Erasing)
DETACH DELETE left
RETURN count(*) AS cleared
