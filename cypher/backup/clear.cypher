CYPHER 25
// Takes nodes out, of whatever kind; asked until none is left, since one transaction has no memory for all of them. One row: how
// many.
//
// param   most     INTEGER  nodes at most
// column  cleared  INTEGER
MATCH (node)
WITH node LIMIT $most
DETACH DELETE node
RETURN count(*) AS cleared
