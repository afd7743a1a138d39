CYPHER 25
// Ends a restoring: the version of the backup serves. One row.
//
// param   version  STRING   id
// column  served   INTEGER  versions of this id
CALL () {
  MATCH (mark:Restoring)
  DELETE mark
}
OPTIONAL MATCH (version:Version {id: $version})
SET version.current = true
RETURN count(version) AS served
