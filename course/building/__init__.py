"""From chapters and exercises to notebooks, and what a chapter has to keep to."""
