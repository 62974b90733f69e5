"""What a reader plays with: explorers, games, forms, and a pad to draw on."""
