"""The web server: waitress, which reads a whole request before a thread is taken for it, within limits."""
