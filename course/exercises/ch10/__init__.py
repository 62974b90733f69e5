"""Exercises of chapter 10: attention scores, causal attention, many heads, and what a
pattern tells.
"""
