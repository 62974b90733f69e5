"""The exercises of chapter 22, one file each."""
