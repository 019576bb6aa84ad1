"""The commands: words, tables, JSON, exit codes."""
