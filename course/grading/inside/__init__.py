"""What runs inside the sandbox, beside course/answers. Copied whole into it."""
