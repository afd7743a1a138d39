"""Order: chooses one candidate for each waypoint, over all waypoints at once.

Beam search with a Lagrangian upper bound; the seed decides ties. Works on values: only `reasoning` queries the graph.
"""
