CYPHER 25
// How good the kept journeys to each goal are, by their own measures. One row per goal.
//
// title   Quality by goal
// chart   bar  x=goal y=share_of_bound
// column  goal            STRING
// column  journeys        INTEGER
// column  max_step        FLOAT  mean of the largest distance between neighbours in the plane
// column  mean_step       FLOAT  mean distance between neighbours
// column  monotonicity    FLOAT  mean of Spearman's rho along the way, -1..1
// column  match_error     FLOAT  mean distance of the first track from its waypoint
// column  target_error    FLOAT  mean distance of the last track from its waypoint
// column  contracts_met   FLOAT  mean share of steps inside every bound
// column  share_of_bound  FLOAT  mean of how near the order is to the best possible, 0 random .. 1
MATCH (journey:Journey)
RETURN journey.goal AS goal, count(*) AS journeys, avg(journey.max_step) AS max_step, avg(journey.mean_step) AS mean_step,
       avg(journey.monotonicity) AS monotonicity, avg(journey.match_error) AS match_error, avg(journey.target_error) AS target_error,
       avg(journey.contracts_met) AS contracts_met, avg(journey.share_of_bound) AS share_of_bound
ORDER BY goal
