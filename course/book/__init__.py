"""What makes one book of the chapters: the path through them, and the words that they share."""
