"""Notation: ABC, MusicXML and MIDI files as they are written, each read behind one guarded door.

Files come from anybody, so every reader refuses by size before it parses. Imports nothing of ours but the errors.
"""
