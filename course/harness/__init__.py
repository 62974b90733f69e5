"""How everything is tested: the stages of `make test`, kernels, the network cut off, a mirror of
Colab.
"""
