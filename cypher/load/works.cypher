CYPHER 25
// Writes works and their artists. One row: how many works.
//
// param   works    LIST<MAP>  {id, title, artist: {id, name}}
// column  written  INTEGER
UNWIND $works AS row
MERGE (artist:Artist {id: row.artist.id})
SET artist.name = row.artist.name
MERGE (work:Work {id: row.id})
SET work.title = row.title
WITH work, artist
CALL (work) {
  MATCH (work)-[before:BY]->()
  DELETE before
}
CREATE (work)-[:BY]->(artist)
RETURN count(*) AS written
