"""Exercises of the capstone."""
