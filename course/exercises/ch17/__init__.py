"""The exercises of chapter 17, one file each."""
