"""Runs an answer and reads what it gives; knows nothing of what is right.

Copied whole into the sandbox.
"""
