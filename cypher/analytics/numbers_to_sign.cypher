CYPHER 25
// Numbers that rest on judgement alone and that no therapist has signed yet. One row per thing that claims one.
//
// title   Numbers to sign
// chart   table
// column  kind      STRING  its class
// column  id        STRING
// column  label     STRING
// column  claim_id  STRING
MATCH (thing:Individual)-[:CLAIMS]->(claim:Claim {about: 'number', grade: 'C'})
WHERE claim.signed_by IS NULL
RETURN head([label IN labels(thing) WHERE label <> 'Individual']) AS kind, thing.id AS id, thing.label AS label,
       claim.id AS claim_id
ORDER BY kind, id, claim_id
