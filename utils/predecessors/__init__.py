"""Language models from before the transformer."""
