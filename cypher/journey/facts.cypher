CYPHER 25
// What a journey stands on: the version that serves, the goal, the numbers of search and order, the length of tracks.
// One row.
//
// param   goal  STRING  id of a Goal
// column  goal            MAP        {id, minutes_best}; null when there is none
// column  goals           LIST<MAP>  {id, label}, every goal there is
// column  settings        LIST<MAP>  {id, value}
// column  version         MAP        the version that serves, with the models that made its vectors
// column  cues            LIST<MAP>  {id, label, unit}
// column  stages          LIST<MAP>  {id, share}: what share of the minutes each stage has, first stage first
// column  median_seconds  FLOAT      s
OPTIONAL MATCH (goal:Goal {id: $goal})
CALL () { MATCH (other:Goal) WITH other ORDER BY other.id RETURN collect(other {.id, .label}) AS goals }
CALL () { MATCH (setting:Setting) RETURN collect(setting {.id, .value}) AS settings }
CALL () { MATCH (cue:Cue) WITH cue ORDER BY cue.id RETURN collect(cue {.id, .label, .unit}) AS cues }
CALL () { MATCH (stage:Stage) WITH stage ORDER BY stage.order RETURN collect(stage {.id, .share}) AS stages }
CALL () { OPTIONAL MATCH (version:Version {current: true}) RETURN properties(version) AS version }
CALL () { OPTIONAL MATCH (catalogue:Catalogue) RETURN max(catalogue.median_seconds) AS median_seconds }
RETURN goal {.id, .minutes_best} AS goal, goals, settings, version, cues, stages, median_seconds
