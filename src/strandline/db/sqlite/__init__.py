"""SQLite: connections, transactions, statements for many rows."""
