"""A learner's earlier answers as parts of something larger: found, checked, and put to work."""
