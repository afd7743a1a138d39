"""What an author of rules does with a draft: tries it with scenarios, compares it, explains it.

Everything here runs on the engine that journeys are planned with, and keeps nothing.
"""
