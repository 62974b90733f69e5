"""For all tests: no test of speed in disguise. How long an example takes is the machine's affair (see benchmarks/)."""

from hypothesis import settings

settings.register_profile("glass-box", deadline=None)
settings.load_profile("glass-box")
