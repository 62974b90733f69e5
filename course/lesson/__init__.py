"""What a cell of a lesson calls: check, hint, solution, progress."""
