"""The command line: arguments in, one answer out, and an exit code that says which kind.

A module declares a group of commands and calls use cases. Nothing else of ours imports it.
"""
