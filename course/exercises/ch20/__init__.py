"""The exercises of chapter 20, one file each."""
