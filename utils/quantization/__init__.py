"""Weights in a few bits: rounding to codes, GGUF's blocks, layers and models that compute with
codes.
"""
