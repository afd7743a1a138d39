CYPHER 25
// Problem: On the way from a scale to a goal there is a place with fewer than 30 tracks, so journeys there are all alike.
// Repair: Add music of that valence and arousal to the catalogue, or move the scale's point in gems.owl.
// One row per scale, goal and place.
//
// column  scale    STRING
// column  goal     STRING
// column  way      FLOAT    0 where the feeling is met, 1 where the goal is reached
// column  valence  FLOAT
// column  arousal  FLOAT
// column  tracks   INTEGER  within the window of the search, and inside the bounds of every rule that always holds
MATCH (window:Setting {id: 'affect-window'})
OPTIONAL MATCH (:Context {held: true})<-[:ON]-(:Condition)<-[:WHEN]-(:Rule {status: 'published'})-[:DOES]->(bound:Bound)-[:OF]->(cue:Cue)
WITH window, collect({cue: cue.id, low: bound.low, high: bound.high}) AS bounds
MATCH (scale:Scale), (goal:Goal)-[:AIMS_AT]->(aim:Aim)-[:AT_SCALE]->(end:Scale)
WITH window, bounds, scale, goal, sum(aim.share * end.music_valence) AS to_valence, sum(aim.share * end.music_arousal) AS to_arousal
UNWIND [0.0, 0.25, 0.5, 0.75, 1.0] AS way
LET valence = scale.music_valence + way * (to_valence - scale.music_valence), arousal = scale.music_arousal + way * (to_arousal - scale.music_arousal)
LET tracks = COUNT {
  MATCH (track:Track)
  WHERE abs(track.valence - valence) <= window.value AND abs(track.arousal - arousal) <= window.value
    AND all(b IN bounds WHERE b.cue IS NULL OR track[b.cue] >= coalesce(b.low, -Infinity) AND track[b.cue] <= coalesce(b.high, Infinity))
}
FILTER tracks < 30
RETURN scale.id AS scale, goal.id AS goal, way, valence, arousal, tracks
ORDER BY tracks, scale, goal, way
