"""Plays the sound files of a journey on this machine's sound device, led by keys.

Works on given files: makes no queries, and knows nothing of rules.
"""
