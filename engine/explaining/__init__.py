"""Explaining: why each rule held, why each track stands where it does, what the listener must be told.

Sentences are read off the rules and tracks that decided. Imports `reasoning` for the values that travel; decides
nothing itself.
"""
