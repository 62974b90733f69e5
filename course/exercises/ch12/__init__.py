"""Exercises of chapter 12: memories in the feed-forward layer, a fact found and edited,
what a direction says.
"""
