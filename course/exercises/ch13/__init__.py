"""The exercises of chapter 13, one file each."""
