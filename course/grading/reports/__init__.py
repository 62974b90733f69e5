"""What teacher and students get to read: tables for a gradebook, pages, a summary."""
