"""What is known of the songs in a folder, kept in one file of SQLite."""
