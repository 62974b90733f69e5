"""From a student's answers to marks."""
