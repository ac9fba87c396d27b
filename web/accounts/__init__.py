"""Users, passwords, API tokens, roles."""
