"""Writes journeys as playable files (M3U8, JSPF, JSON, MIDI, sound), and rows of a query as CSV, Parquet and Arrow.

Works on given values and makes no queries. Imports `encoders` for performances and sound.
"""
