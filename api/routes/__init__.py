"""The routes, one module for each kind of thing that can be asked for. None of them reasons: they call use cases."""
