"""The catalogue: which scores are played, in which styles, and the row of each performance.

Its tables are in seed_data/. Imports `notation`, `performing` and `analysis`; vectors are made in `training`.
"""
