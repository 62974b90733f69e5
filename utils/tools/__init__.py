"""Tools: what a model can ask for while it writes, and how the answers come into its text.

Read in this order: `calls` (a call in a text), `calculator`, `search` (passages that are about a
question), `tool_loop` (a model writes, a tool answers, the model goes on).
"""
