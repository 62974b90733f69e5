"""Exercises of chapter 23: rounding to few bits, a zero point, groups, a block of a
file, and the size of it.
"""
