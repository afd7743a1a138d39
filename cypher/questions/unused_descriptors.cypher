CYPHER 25
// Descriptors that no scale, style or published rule uses: their words ask for no music. One row per descriptor.
//
// title   Descriptors that nothing uses
// chart   table
// column  descriptor_id  STRING
// column  text           STRING
// column  used_by        LIST<STRING>  rules that are not published
MATCH (descriptor:Descriptor)
WHERE NOT EXISTS { (one:Scale|Style|Rule)-[:DESCRIBED_BY]->(descriptor) WHERE coalesce(one.status, 'published') = 'published' }
RETURN descriptor.id AS descriptor_id, descriptor.text AS text,
       COLLECT { MATCH (rule:Rule)-[:DESCRIBED_BY]->(descriptor) RETURN rule.id ORDER BY rule.id } AS used_by
ORDER BY descriptor_id
