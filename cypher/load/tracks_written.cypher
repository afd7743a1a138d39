CYPHER 25
// How many tracks stand in the graph just as a catalogue tells of them. One row.
//
// param   stamp    STRING   of the catalogue
// column  written  INTEGER
MATCH (track:Track {stamp: $stamp})
RETURN count(*) AS written
