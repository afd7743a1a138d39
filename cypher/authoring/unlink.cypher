CYPHER 25
// Takes away what some individuals say of others, so that it can be said anew. One row: how many relationships.
//
// param   ids      LIST<STRING>
// column  removed  INTEGER
MATCH (individual:Individual)-[link]->(:Individual) WHERE individual.id IN $ids
DELETE link
RETURN count(*) AS removed
