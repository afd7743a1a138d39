CYPHER 25
// Lets a listener hear these tracks again. One row: how many vetoes were lifted.
//
// param   listener  STRING        keyed hash
// param   tracks    LIST<STRING>  ids
// column  lifted    INTEGER
OPTIONAL MATCH (:Listener {id: $listener})-[veto:VETOES]->(track) WHERE track.id IN $tracks
WITH collect(veto) AS vetoes
FOREACH (each IN vetoes | DELETE each)
RETURN size(vetoes) AS lifted
