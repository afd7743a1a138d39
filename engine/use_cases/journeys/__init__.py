"""Use cases for planned journeys: read, explain, export, give feedback, plan the rest again."""
