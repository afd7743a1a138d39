CYPHER 25
// Makes relationships as a backup tells of them. One row: how many.
//
// param   links    LIST<MAP>  {start, end, type, properties}; start and end are numbers of nodes here
// column  written  INTEGER
UNWIND $links AS row
MATCH (start) WHERE elementId(start) = row.start
MATCH (end) WHERE elementId(end) = row.end
CREATE (start)-[link:$(row.type)]->(end)
SET link = row.properties
RETURN count(*) AS written
