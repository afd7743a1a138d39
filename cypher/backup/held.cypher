CYPHER 25
// What a graph holds that no load could make again, and whether a restoring of it broke off. One row.
//
// column  nodes    INTEGER  of every kind
// column  made     INTEGER  journeys, listeners, tracks of a listener's own, and what authors published
// column  half     BOOLEAN  a restoring broke off
RETURN COUNT { () } AS nodes, COUNT { (:Journey|Listener|File) }
       + COUNT { (published:Publication) WHERE published.kind <> 'shipped' } AS made, EXISTS { (:Restoring) } AS half
