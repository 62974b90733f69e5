"""Scaling: how loss, size and text of models go together, and what a budget is best spent on."""
