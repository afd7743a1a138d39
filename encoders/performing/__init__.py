"""From a score to notes as somebody would play them: tempo, loudness, articulation, accompaniment, instruments.

A `Performance` is notes in seconds with MIDI pitches, velocities and programs. Imports `notation` for what is written;
nothing of analysis, sound or embedding.
"""
