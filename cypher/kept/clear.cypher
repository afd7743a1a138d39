CYPHER 25
// Takes out some of what `kept/blank` and `kept/overwrite` left; asked until nothing is left, since one transaction has no memory
// for all of it. One row: how many nodes.
//
// param   most     INTEGER  nodes at most
// column  cleared  INTEGER
MATCH (left:Erasing)
WITH left LIMIT $most
DETACH DELETE left
RETURN count(*) AS cleared
