"""Exercises of chapter 03: parameters, a layer, the cost, gradient descent,
mini-batches.
"""
