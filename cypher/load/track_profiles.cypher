CYPHER 25
// Gives tracks their profiles, in which rules look for them: every cue in spreads from its centre (octaves on a log scale),
// no farther than 3, its square, the embedding, and what brings all profiles to one length. The sum of squares by which a
// track misses what is asked is then a distance (`journey/waypoints`). One row.
//
// param   ids      LIST<STRING>  of the tracks to look at; null looks at all
// column  changed  INTEGER       tracks
MATCH (cue:Cue)
WITH cue ORDER BY cue.id
WITH collect({id: cue.id, log: cue.scale = 'log', center: cue.center, spread: cue.spread}) AS cues
CALL () {
  WHEN $ids IS NULL THEN { MATCH (track:Track) RETURN track }
  ELSE { MATCH (track:Track) WHERE track.id IN $ids RETURN track }
}
FILTER track.embedding IS NOT NULL AND all(c IN cues WHERE track[c.id] IS NOT NULL)
LET off = [c IN cues | CASE WHEN c.log THEN log(track[c.id] / c.center) / log(2) ELSE track[c.id] - c.center END / c.spread]
LET near = [x IN off | CASE WHEN x > 3 THEN 3.0 WHEN x < -3 THEN -3.0 ELSE x END]
LET heard = near + [x IN near | x * x]
LET rest = sqrt(90.0 * size(cues) - reduce(sum = 0.0, x IN heard | sum + x * x))
LET profile = heard + toFloatList(track.embedding) + [rest]
FILTER track.profile IS NULL OR any(i IN range(0, size(profile) - 1) WHERE abs(track.profile[i] - profile[i]) > 1e-5)
CALL db.create.setNodeVectorProperty(track, 'profile', profile)
RETURN count(*) AS changed
