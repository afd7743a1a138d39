CYPHER 25
// A search by profile that no track passes, as hard as any for the vector index: after deletions it may fail on those that find too
// little while it answers all others. One row, where the index answers.
//
// param   dimensions  INTEGER  of a profile
// column  found       INTEGER  0
MATCH (track:Track)
SEARCH track IN (VECTOR INDEX track_profile FOR [i IN range(1, $dimensions) | 1.0] WHERE track.seconds >= 1e12 LIMIT 400) SCORE AS similarity
RETURN count(similarity) AS found
