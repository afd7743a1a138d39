"""Ingest of a listener's own music: finds, analyses and embeds files, writes them to the graph, forgets them."""
