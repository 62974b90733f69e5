"""One token in one call: the forward pass for a single new token, compiled by numba.

The same numbers as `utils.model`, up to rounding. There a token is some forty calls of Python and
torch for each block, and each costs more than what it does. Here it is loops that LLVM turns into
instructions of the learner's own processor, and threads that meet five times a block.

Read in this order: `compiling`, `memory` (weights are read where torch keeps them), `products` (a
matrix times a vector, from float32 or from codes), `layers` (norms, rotation, attention), `meeting`
(threads wait for each other), `one_token` (the pass), `decoder` (which models can go this way).
"""
