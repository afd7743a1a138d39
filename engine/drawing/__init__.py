"""Pictures of a journey and the page that shows them: values in, text out; nothing is asked or written here.

The command line, the service and the desk draw with it, so that a journey looks alike everywhere. Imports no
other room; Jinja2 fills the templates beside it.
"""
