CYPHER 25
// What each source carries: how many claims rest on it, and how many it speaks against. One row per source.
//
// title   Evidence at work
// chart   bar  x=key y=supports
// column  key         STRING
// column  design      STRING
// column  population  STRING
// column  read        STRING   V read in full, S in a summary, C computed here, M from memory
// column  supports    INTEGER  claims
// column  challenges  INTEGER  claims
// column  doi         STRING
MATCH (source:Evidence)
RETURN source.key AS key, source.design AS design, source.population AS population, source.read AS read,
       COUNT { (source)<-[:SUPPORTED_BY]-(:Claim) } AS supports,
       COUNT { (source)<-[:CHALLENGED_BY]-(:Claim) } AS challenges, source.doi AS doi
ORDER BY supports DESC, key
