"""The files that lessons need: which there are, where they come from, and the cache on this
machine.
"""
