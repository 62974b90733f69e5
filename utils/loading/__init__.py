"""Models from files: GGUF, Hugging Face folders, our own checkpoints; `load` finds out which."""
