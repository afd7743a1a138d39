"""The catalogue: which scores are played, in which styles, and the row that each performance becomes.

The tables stand in seed_data/. Imports `notation`, `performing` and `analysis`; vectors are made in `training`.
"""
