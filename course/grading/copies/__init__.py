"""Who wrote the same as somebody else, and not what the class or the course wrote."""
