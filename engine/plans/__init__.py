"""Plans of listeners: what a therapist wrote down for one person, and how it is laid over the rules that serve.

A plan is two files in the home, in a folder named by the listener's pseudonym. Nothing of it enters the graph for good.
"""
