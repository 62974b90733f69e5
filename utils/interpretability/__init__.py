"""What a trained model does inside: heads, neurons, and where a fact lies."""
