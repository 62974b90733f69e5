"""Exercises of chapter 22: temperature and the nucleus, what a cache holds, one step
with it, and what it saves.
"""
