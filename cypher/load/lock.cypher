CYPHER 25
// Waits for its turn: of two loads at once, the second goes on when the first has come to its end. The lock is the
// write on one node, so it goes with the transaction, even when the loader is killed. No rows.
MERGE (lock:LoadLock {id: 'load'})
SET lock.taken = datetime()
