"""What an operator asks for: a server, a load, a backup."""
