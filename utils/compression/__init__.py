"""Prediction is compression: what a model finds likely takes few bits. An arithmetic coder, files
written with a language model, and the usual compressors to compare with.
"""
