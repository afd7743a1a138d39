"""Use cases, one module each: values in, values out, progress by a callable. None prints, reads a terminal, or exits.

The command line and the service are thin callers of these. Imports every other room of `engine` except `cli`.
"""
