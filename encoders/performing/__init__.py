"""Turns a score into an expressive performance: tempo, loudness, articulation, accompaniment, instruments.

A `Performance` is notes in seconds with MIDI pitches, velocities and programs. Imports `notation` for scores; nothing
of analysis, sound or embedding.
"""
