"""The queue of held outreach and flagged notes, and what officers decide."""
