CYPHER 25
// Signs that are present and how the rules meet them: the scales each is felt as, and how deep it is mirrored, cue by
// cue. A rule that mirrors a scale meets the feeling there, whatever it is read as. One row per sign.
//
// param   scores   MAP        sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1.0
// param   levels   MAP        sign id -> {present, strong}: thresholds, 0..1; 0.5 where none is given
// param   holding  LIST<MAP>  {rule_id, signs}: rules that hold and are not overridden: `journey/holding_rules`
// column  sign      STRING
// column  score     FLOAT      0..1
// column  negative  BOOLEAN
// column  rule_id   STRING     the rule that names it most directly; null where none mirrors it
// column  scales    LIST<MAP>  {scale, weight}
// column  depth     FLOAT      how deep everything is mirrored that no cue of its own is named for, 0..1
// column  depths    LIST<MAP>  {cue, depth}: cues that are named
MATCH (sign:Sign) WHERE $scores[sign.id] >= coalesce($levels[sign.id].present, 0.5)
OPTIONAL CALL (sign) {
  UNWIND [h IN $holding WHERE sign.id IN h.signs | h.rule_id] AS id
  MATCH (rule:Rule {id: id}) WHERE EXISTS { (rule)-[:DOES]->(:Mirror) }
  LET directly = EXISTS { (rule)-[:WHEN]->(:Condition)-[:ON]->(sign) }
  RETURN rule ORDER BY NOT directly LIMIT 1
}
LET mirrors = [(rule)-[:DOES]->(mirror:Mirror)-[:OF]->(what) | {what: what, depth: mirror.depth}]
LET named = [m IN mirrors WHERE m.what:Scale | {scale: m.what.id, weight: m.depth}],
    read = [(sign)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
            WHERE all(under IN [(mapping)-[:UNDER]->(u) | u.id] WHERE any(h IN $holding WHERE h.rule_id = under))
            | {scale: scale.id, weight: mapping.share}]
FILTER rule IS NOT NULL OR read <> []
LET met = reduce(sum = 0.0, m IN named | sum + m.weight), every = [m IN mirrors WHERE m.what.id = 'every-cue' | m.depth]
RETURN sign.id AS sign, $scores[sign.id] AS score, EXISTS { (sign)-[:IN]->(:Group {id: 'negative'}) } AS negative,
       rule.id AS rule_id,
       CASE named WHEN [] THEN read ELSE named END AS scales,
       coalesce(head(every), CASE WHEN met > 1 THEN 1.0 ELSE met END) AS depth,
       [m IN mirrors WHERE m.what:Cue | {cue: m.what.id, depth: m.depth}] AS depths
ORDER BY sign
