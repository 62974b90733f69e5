"""Tools: what a model can ask for while it writes, and how the answers come into its text.

Read in this order: `calls` (a call in a text), `calculator`, `search` (passages that are about a
question), `capital_search` (how often the answer is among them), `tool_loop` (a model writes, a tool
answers, the model goes on), `own_process` (a program that a model has written).
"""
