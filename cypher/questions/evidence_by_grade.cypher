CYPHER 25
// How well the claims are supported, by what they claim. One row per claim's subject and grade.
//
// title   Evidence by grade
// chart   heatmap  x=grade y=about value=claims
// column  about       STRING   what is claimed: naming, risk, direction, number
// column  grade       STRING   A well supported, B some support, C judgement
// column  claims      INTEGER
// column  sources     INTEGER  different sources that support them
// column  challenged  INTEGER  claims that a source speaks against
// column  signed      INTEGER  claims that a therapist has signed
MATCH (claim:Claim)
RETURN claim.about AS about, claim.grade AS grade, count(*) AS claims,
       size(reduce(seen = [], source IN reduce(all = [], part IN collect(COLLECT { MATCH (claim)-[:SUPPORTED_BY]->(one:Evidence) RETURN one.id }) | all + part) |
         CASE WHEN source IN seen THEN seen ELSE seen + [source] END)) AS sources,
       sum(CASE WHEN EXISTS { (claim)-[:CHALLENGED_BY]->() } THEN 1 ELSE 0 END) AS challenged,
       sum(CASE WHEN claim.signed_by IS NULL THEN 0 ELSE 1 END) AS signed
ORDER BY about, grade
