CYPHER 25
// How many tracks each rule with a Bar withholds while it holds. One row per rule
// and trait.
//
// title   Tracks withheld by a bar
// chart   bar  x=rule_id y=tracks
// column  rule_id  STRING
// column  tier     STRING
// column  trait    STRING
// column  tracks   INTEGER
// column  share    FLOAT    of all tracks, 0..1
MATCH (rule:Rule {status: 'published'})-[:DOES]->(:Bar)-[:OF]->(trait:Trait)
WITH DISTINCT rule, trait
MATCH (track:Track)
WITH rule, trait, count(*) AS total, sum(CASE WHEN trait.id IN track.traits THEN 1 ELSE 0 END) AS tracks
RETURN rule.id AS rule_id, rule.tier AS tier, trait.id AS trait, tracks, toFloat(tracks) / total AS share
ORDER BY tracks DESC, rule_id, trait
