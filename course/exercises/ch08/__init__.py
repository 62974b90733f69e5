"""Exercises of chapter 08, one file each."""
