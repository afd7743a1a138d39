CYPHER 25
// Gives each scale a target for the cues valence and arousal: its own point of the plane, and as far around it as the
// setting `affect-reach` says. So a profile treats the two as it treats any other cue. One row.
//
// column  scales   INTEGER
// column  written  INTEGER  targets: two for each scale, when the ontology has the setting and both cues
MATCH (scale:Scale)
WITH collect(scale) AS scales
CALL (scales) {
  UNWIND scales AS scale
  MATCH (reach:Setting {id: 'affect-reach'})
  MATCH (cue:Cue) WHERE cue.id IN ['valence', 'arousal']
  LET best = scale['music_' + cue.id]
  CREATE (target:Individual:CueTarget {
    id: scale.id + '-' + cue.id, low: best - reach.value, best: best, high: best + reach.value, weight: 1.0,
    derived: true
  })
  CREATE (scale)-[:CALLS_FOR]->(target)-[:OF]->(cue)
  RETURN count(*) AS written
}
RETURN size(scales) AS scales, written
