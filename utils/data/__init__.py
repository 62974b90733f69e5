"""Data sets for the lessons: small, and the same for everybody."""
