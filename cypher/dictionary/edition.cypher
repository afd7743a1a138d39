CYPHER 25
// Which Neo4j this is: only some editions have roles, and so accounts that can but read. One row.
//
// column  version  STRING
// column  edition  STRING  community, enterprise
CALL dbms.components() YIELD name, versions, edition
WITH head(versions) AS version, edition WHERE name = 'Neo4j Kernel'
RETURN version, edition
