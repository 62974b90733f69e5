"""The teacher's side: hand out an assignment, grade what comes back without trusting it, tell everybody how it went.

What runs a student's code, in a worker inside a sandbox: worker.py, and cells.py which finds the answers. What both
sides speak: wire.py. Everything else is the trusted side, and never runs or unpickles anything of a student's.
"""
