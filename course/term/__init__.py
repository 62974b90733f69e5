"""A term: what is done in which week, what is talked through there, and what is left for later."""
