"""The course as a web site: `python -m course site` writes build/site/.

Every solved notebook is run once (execute.py), becomes a page (chapter_page.py, fold.py), lays its
pictures and views into files of their own (media.py), and Sphinx makes the pages (book.py) beside
the first page (front_page.py) and the ledger (ledger.py). Nothing on it is loaded from another
server.
"""
