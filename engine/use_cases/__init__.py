"""Use cases, one module each: values in, values out, progress through a callable. None uses the terminal or exits.

The command line and the service call them. Imports every other package of `engine` except `cli`.
"""
