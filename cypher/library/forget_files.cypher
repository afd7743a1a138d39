CYPHER 25
// Forgets files of a listener that are not there any more, as their music was found in others. One row: how many.
//
// param   paths      LIST<STRING>
// column  forgotten  INTEGER
UNWIND $paths AS path
MATCH (file:File {path: path})
DETACH DELETE file
RETURN count(*) AS forgotten
