"""The exercises of chapter 03, one file each."""
