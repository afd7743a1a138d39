CYPHER 25
// Problem: A kind of effect has no hit policy, or more than one: when two rules meet in it, nothing says how they settle.
// Repair: State exactly one HitPolicy that governs this class of effects in policies.owl.
// One row per kind of effect.
//
// column  kind      STRING   class of the effects
// column  policies  INTEGER  hit policies that govern it
MATCH (effect:Effect)
UNWIND [label IN labels(effect) WHERE NOT label IN ['Individual', 'Effect']] AS kind
WITH DISTINCT kind
LET policies = COUNT { MATCH (policy:HitPolicy) WHERE policy.governs = kind }
FILTER policies <> 1
RETURN kind, policies
ORDER BY kind
