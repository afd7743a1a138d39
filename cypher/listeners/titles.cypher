CYPHER 25
// What a journey may play, by title and by whom: what a listener's plan leaves some of out by. One row per track.
//
// column  id      STRING
// column  title   STRING
// column  artist  STRING
MATCH (track:Track)
OPTIONAL MATCH (track)-[:PERFORMS]->(:Work)-[:BY]->(artist:Artist)
RETURN track.id AS id, track.title AS title, artist.name AS artist
ORDER BY id
