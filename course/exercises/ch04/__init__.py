"""Exercises of chapter 04: backward passes by hand, from one neuron to attention and
layer norm.
"""
