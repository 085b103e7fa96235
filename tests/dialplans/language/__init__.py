"""The language: files become plans or problems at their places."""
