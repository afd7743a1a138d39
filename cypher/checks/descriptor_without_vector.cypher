CYPHER 25
// Problem: A descriptor has no vector, or one of another length than the tracks have, so its words ask for nothing.
// Repair: Run `isopath load`.
// One row per descriptor.
//
// column  id          STRING
// column  dimensions  INTEGER  of its vector; null where there is none
MATCH (version:Version {current: true})
MATCH (descriptor:Descriptor)
WHERE descriptor.embedding IS NULL OR size(descriptor.embedding) <> version.dimensions
RETURN descriptor.id AS id, size(descriptor.embedding) AS dimensions
ORDER BY id
