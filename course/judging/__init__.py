"""What an exercise is, and the verdict on an answer."""
