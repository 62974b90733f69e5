"""The closed room in which student code runs, and the line into it."""
