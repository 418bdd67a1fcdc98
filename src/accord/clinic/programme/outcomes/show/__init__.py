"""The stored figures of a programme, put into words, lines and tables."""
