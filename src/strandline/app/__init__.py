"""One use case a file; what a command does, without how it looks."""
