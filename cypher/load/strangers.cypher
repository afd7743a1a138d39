CYPHER 25
// How many nodes stand under our labels in a graph that no load ever wrote to: they are somebody else's. One row.
//
// column  strangers  INTEGER
RETURN CASE
  WHEN EXISTS { (:LoadLock) } THEN 0
  ELSE COUNT { (:Individual|Track|Work|Artist|Catalogue|Version|Journey|File) }
END AS strangers
