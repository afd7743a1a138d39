"""The command line: arguments in, one answer out, and an exit code for its outcome.

Each module declares a group of commands and calls use cases. No other package imports it.
"""
