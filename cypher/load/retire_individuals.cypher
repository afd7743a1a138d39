CYPHER 25
// Individuals that are gone from the ontology while a journey still tells of them: they keep id and words, lose their
// classes, and no rule finds them. One row: how many.
//
// param   ids      LIST<STRING>  of all individuals that are loaded
// column  retired  INTEGER
MATCH (individual:Individual)
WHERE NOT individual.id IN $ids AND NOT individual:Retired AND EXISTS {
  (individual)<--(teller) WHERE NOT teller:Individual
}
WITH individual, [label IN labels(individual) WHERE label <> 'Individual'] AS classes
REMOVE individual:$(classes)
SET individual:Retired
RETURN count(*) AS retired
