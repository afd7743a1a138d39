CYPHER 25
// How many kept journeys a rule has shaped, of those whose readings are kept. One row.
//
// param   rule      STRING
// column  journeys  INTEGER
OPTIONAL MATCH (:Rule {id: $rule})<-[:ALLOWED_BY]-(:Step)<-[:HAS_STEP]-(journey:Journey)
RETURN count(DISTINCT journey) AS journeys
