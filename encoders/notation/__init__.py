"""Notation: readers of ABC, MusicXML and MIDI files.

Files come from anybody, so every reader checks sizes before it parses. Imports nothing of ours but errors and limits.
"""
