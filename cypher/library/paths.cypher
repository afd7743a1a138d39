CYPHER 25
// Paths of a listener's own files. One row per file.
//
// column  path  STRING  absolute; a file address where the name is no UTF-8
MATCH (file:File)
RETURN file.path AS path
ORDER BY path
