CYPHER 25
// Problem: Not exactly one version serves, so a journey cannot say what it came from.
// Repair: Run `isopath load`.
// One row when it is so.
//
// column  serving  INTEGER  versions that are marked as current
MATCH (version:Version {current: true})
WITH count(*) AS serving
FILTER serving <> 1
RETURN serving
