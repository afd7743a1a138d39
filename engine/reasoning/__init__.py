"""Reasoning: from a text, scores or chosen feelings to a journey. Read `planner.Planner.plan` first.

The rules are evaluated in Cypher; Python passes values between the queries. Imports `gate`, `graph`, `order`,
`explaining` and `store`; knows neither files nor the command line.
"""
