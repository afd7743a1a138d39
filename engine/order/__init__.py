"""Order: which candidate plays at which waypoint, all waypoints considered at once.

Beam search with a Lagrangian upper bound; ties and exploration follow the seed. Works on values; the graph is asked in
`ordering` alone.
"""
