"""Exercises of chapter 02: cross-entropy, perplexity, bits per byte, reading a loss."""
