"""Runs that take too long for a notebook, stored as tables."""
