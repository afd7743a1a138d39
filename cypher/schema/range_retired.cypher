CYPHER 25
// What was retired is found again when its id comes back. No rows.
CREATE RANGE INDEX range_retired IF NOT EXISTS FOR (n:Retired) ON (n.id)
