CYPHER 25
// Gives every scale a cue target for valence and for arousal, from its point in music, so that the plane is asked for
// like any other cue. One row per scale and axis.
//
// column  id  STRING  of the cue target
MATCH (reach:Setting {id: 'affect-reach'}), (scale:Scale)
UNWIND [{cue: 'valence', best: scale.music_valence}, {cue: 'arousal', best: scale.music_arousal}] AS point
MATCH (cue:Cue {id: point.cue})
MERGE (target:Individual {id: scale.id + '-' + point.cue})
SET target:CueTarget, target += {best: point.best, low: point.best - reach.value, high: point.best + reach.value, weight: 1.0, derived: true}
CREATE (scale)-[:CALLS_FOR]->(target), (target)-[:OF]->(cue)
RETURN target.id AS id
ORDER BY id
