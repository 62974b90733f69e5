"""The exercises of chapter 06, one file each."""
