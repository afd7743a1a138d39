"""What is asked of a journey once it was planned: read it, explain it, export it, say how it was, plan the rest anew."""
