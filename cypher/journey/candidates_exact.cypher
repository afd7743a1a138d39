CYPHER 25
// The reference for `journey/candidates`, where the index does not answer or finds too few. One row per waypoint.
//
// param   waypoints   LIST<MAP>  {position, asked, weigh_similarity, words, sought, low, high, barred}: rows of
//                                `journey/waypoints`, the least and most allowed of each cue, and the traits barred
// param   kept        INTEGER    tracks kept of them, the best in rank
// column  position  INTEGER
// column  tracks    LIST<MAP>  {track_id, work_id, artist_id, title, artist, traits, instrument, seconds, cues, valence, arousal,
//                              similarity, miss, rank}; miss: how far off what is asked, in half-widths over cues
MATCH (by_cues:Setting {id: 'weigh-cue-fit'}), (by_place:Setting {id: 'affect-fit'})
UNWIND $waypoints AS waypoint
LET low = waypoint.low, high = waypoint.high, sought = waypoint.sought, words = waypoint.words, asked = waypoint.asked
LET valence = head([a IN asked WHERE a.cue = 'valence' | a.best]),
    arousal = head([a IN asked WHERE a.cue = 'arousal' | a.best])
CALL (*) {
  MATCH (t:Track)
  WHERE t.embedding IS NOT NULL AND none(trait IN waypoint.barred WHERE trait IN t.traits)
      AND t.onset_rate >= low.onset_rate AND t.onset_rate <= high.onset_rate
      AND t.tempo >= low.tempo AND t.tempo <= high.tempo
      AND t.level_swing >= low.level_swing AND t.level_swing <= high.level_swing
      AND t.level >= low.level AND t.level <= high.level
      AND t.level_in >= low.level_in AND t.level_in <= high.level_in AND t.mode >= low.mode AND t.mode <= high.mode
      AND t.level_out >= low.level_out AND t.level_out <= high.level_out
      AND t.seconds >= low.seconds AND t.seconds <= high.seconds
      AND t.articulation >= low.articulation AND t.articulation <= high.articulation
      AND t.register >= low.register AND t.register <= high.register
      AND t.pitch_spread >= low.pitch_spread AND t.pitch_spread <= high.pitch_spread
      AND t.valence >= low.valence AND t.valence <= high.valence
      AND t.brightness >= low.brightness AND t.brightness <= high.brightness
      AND t.arousal >= low.arousal AND t.arousal <= high.arousal
      AND t.roughness >= low.roughness AND t.roughness <= high.roughness
  // Numbers of a track are read once, into a map: reading a property by its name takes several times as long.
  LET heard = t {.tempo, .onset_rate, .level, .level_swing, .level_in, .level_out, .mode, .articulation, .register,
                 .pitch_spread, .brightness, .roughness}, similarity = vector.similarity.cosine(t.embedding, words)
  LET measured = heard {.*, valence: t.valence, arousal: t.arousal}
  LET miss = reduce(sum = 0.0, a IN asked | sum + coalesce(head([off IN [
        CASE WHEN a.log THEN log(measured[a.cue]) ELSE measured[a.cue] END - a.best] | a.counts
        * (sqrt(1 + (off / CASE WHEN off < 0 THEN a.best - a.low ELSE a.high - a.best END) ^ 2) - 1)]), 0.0))
  LET away = sqrt((measured.valence - valence) ^ 2 + (measured.arousal - arousal) ^ 2)
  LET rank = waypoint.weigh_similarity * similarity - by_cues.value * miss - by_place.value * away
  ORDER BY rank DESC, t.id LIMIT $kept
  MATCH (t)-[:PERFORMS]->(work:Work)-[:BY]->(artist:Artist)
  WITH * ORDER BY rank DESC, t.id
  RETURN collect({track_id: t.id, title: t.title, work_id: work.id, artist_id: artist.id, artist: artist.name,
                  traits: t.traits, instrument: t.instrument, seconds: t.seconds, cues: heard, valence: measured.valence,
                  arousal: measured.arousal, similarity: similarity, miss: miss, rank: rank}) AS tracks
}
RETURN waypoint.position AS position, tracks
ORDER BY position
