"""Exercises of chapter 01: softmax with a temperature, drawing with a dart, the
generation loop.
"""
