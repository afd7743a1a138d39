"""A journey as files that anyone can play: M3U8, JSPF, JSON, MIDI and sound; rows of a query as CSV, Parquet and Arrow.

Works on values that are given: no graph is asked here. Imports `encoders` for performances and sound.
"""
