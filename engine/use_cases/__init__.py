"""Use cases: what a door may ask for, values in and values out, progress as events.

The command line and the service are thin callers of these. Imports every other room of `engine` except `cli`.
"""
