"""The service: HTTP in, values of the use cases out. Imports `engine`, and nothing imports it but `isopath serve`."""
