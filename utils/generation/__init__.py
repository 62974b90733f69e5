"""From logits to text: choosing the next token, one after another or several texts at once."""
