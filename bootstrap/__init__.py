"""Sets Glass Box up: finds a fitting Python, makes `.venv`, installs what requirements.txt says.

It runs before anything is installed, so it uses the standard library only, and it starts on Python
3.7 too, to be able to say in plain words which Python is needed. `make lab` is `python -m bootstrap
lab`.
"""
