"""From web pages to text to train on: a small made-up web whose truth is known, and the steps that
clean a real one.
"""
