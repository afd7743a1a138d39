CYPHER 25
// Takes away every relationship between individuals; the load that asks for it makes them anew. One row: how many.
//
// column  removed  INTEGER
MATCH (:Individual)-[link]->(:Individual)
DELETE link
RETURN count(*) AS removed
