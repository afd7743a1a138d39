CYPHER 25
// Writes tracks, their vectors, and the works they perform. What a track had before goes, but not a listener's veto.
// One row: how many.
//
// param   tracks   LIST<MAP>  {id, work: {id}, properties, traits, embedding: VECTOR}
// param   stamp    STRING     of the catalogue they stand in
// column  written  INTEGER
UNWIND $tracks AS row
MERGE (track:Track {id: row.id})
LET vetoed = [trait IN coalesce(track.traits, []) WHERE trait = 'vetoed']
SET track = row.properties, track.id = row.id, track.stamp = $stamp, track.traits = row.traits + vetoed
WITH track, row
CALL (track) {
  MATCH (track)-[before:PERFORMS]->()
  DELETE before
}
MATCH (work:Work {id: row.work.id})
CREATE (track)-[:PERFORMS]->(work)
WITH track, row
CALL db.create.setNodeVectorProperty(track, 'embedding', row.embedding)
RETURN count(*) AS written
