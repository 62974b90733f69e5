"""The GPT itself: what turns token ids into logits, one part a file, and a look inside while it
runs.
"""
