CYPHER 25
// Writes over what stands for a listener, and gives up their vetoes; `kept/clear` takes it out, and `kept/overwrite` fills the
// places. One row: how many.
//
// param   listener  STRING  keyed hash
// column  blanked   INTEGER
MATCH (listener:Listener {id: $listener})
SET listener.id = 'ffffffffffffffffffffffffffffffff', listener:Erasing
REMOVE listener:Listener
RETURN count(*) AS blanked
