"""The reasoning, the connection to the graph, the local server and the command line. No HTTP, no model weights."""

import logging

# Shows nothing, and keeps Python from printing warnings by itself where an application has no handlers.
logging.getLogger(__name__).addHandler(logging.NullHandler())
