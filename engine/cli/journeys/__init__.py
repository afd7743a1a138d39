"""What a command line offers around a journey: lists of what can be asked for, kept journeys, and a prompt."""
