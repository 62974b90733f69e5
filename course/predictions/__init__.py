"""Predict before you look: the questions, their kinds, their form, and the answers kept."""
