CYPHER 25
// What a graph holds that no load could make again, and whether a restoring of it broke off. One row.
//
// column  nodes    INTEGER  of every kind
// column  made     INTEGER  journeys, listeners, and tracks of a listener's own
// column  half     BOOLEAN  a restoring broke off
RETURN COUNT { () } AS nodes, COUNT { (:Journey|Listener|File) } AS made, EXISTS { (:Restoring) } AS half
