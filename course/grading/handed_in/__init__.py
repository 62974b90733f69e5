"""What a class handed in: whose file it is, and the code cells in it."""
