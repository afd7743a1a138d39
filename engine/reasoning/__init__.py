"""Reasoning: from a text, scores or chosen feelings to a journey. Read `planner.Planner.plan` first.

Cypher evaluates the rules; Python passes values between the queries. Imports `gate`, `graph`, `order`, `explaining` and
`store`; knows neither files nor the command line.
"""
