"""The commands, one module a group; each adds its own to the parser and runs them."""
