CYPHER 25
// Waits for its turn: of two loads at once, the second goes on when the first has come to its end. The lock is the
// write on one node, so it goes with the transaction, even when the loader is killed.
// One row: how many nodes stand in our way.
//
// column  strangers  INTEGER  nodes under our labels in a graph that we never loaded: somebody else's
MERGE (lock:LoadLock {id: 'load'})
SET lock.taken = datetime()
RETURN CASE WHEN EXISTS { (:Version) } THEN 0 ELSE COUNT { (:Individual|Track|Work|Artist|Catalogue) } END AS strangers
