"""Tests of `engine/playing`."""
