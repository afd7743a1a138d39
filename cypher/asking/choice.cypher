CYPHER 25
// What a choice of a question means. One row, or none when there is no such choice.
//
// param   choice  STRING  id of a Choice
// column  goal      STRING        id of the goal it chooses; null when it chooses none
// column  feels     LIST<STRING>  emotions
// column  declares  LIST<STRING>  contexts and other signs
MATCH (choice:Choice {id: $choice})
RETURN head([(choice)-[:CHOOSES]->(goal) | goal.id]) AS goal, [(choice)-[:FEELS]->(emotion) | emotion.id] AS feels,
       [(choice)-[:DECLARES]->(sign) | sign.id] AS declares
