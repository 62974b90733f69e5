# Each target sets up what is missing in .venv, then runs `python -m course TARGET ARGS`. Arguments: make lab ARGS="--no-browser"
# Any Python that starts is good enough to begin with; bootstrap/ looks for the newest that fits, or takes PYTHON=python3.12.
START := $(shell for python in python3 python python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 7))' >/dev/null 2>&1 && echo $$python && break; done)
BOOT = $(or $(START),$(error No Python 3.7 or newer starts here: install Python 3.12 from https://www.python.org/downloads/)) -m bootstrap
TARGETS = lab test build format ledger pack grade teacher fetch doctor bench gpu colab site setup

help:
	@echo 'make lab     set up once, then open the course in JupyterLab'
	@echo 'make test    set up once, then run every test'
	@echo 'make doctor  say what works on this machine and what does not'
	@echo 'make build   write notebooks/ from course/'
	@echo 'make format  format the code of the chapters, and say what departs from their form'
	@echo 'make ledger  write every claim and its verdict as one page'
	@echo 'make site    run every chapter and write the course as a web site, build/site/'
	@echo 'make colab   run every notebook on the packages that Colab has'
	@echo 'make gpu     test and measure what needs a graphics card'
	@echo 'make bench   measure speed and memory beside other libraries'

$(TARGETS):
	@$(BOOT) $@ $(ARGS)

.PHONY: help $(TARGETS)
