"""What an author of rules may ask for."""
