"""The teacher's side: hand out an assignment, grade what comes back without trusting it, tell
everybody how it went.

`inside` is what runs a student's code, in a worker inside the `sandbox`, with the language that
both sides speak (wire.py). Everything else is the trusted side, and never runs or unpickles
anything of a student's: what was `handed_in`, the `marks`, and the `reports`.
"""
