"""The exercises of chapter 18, one file each."""
