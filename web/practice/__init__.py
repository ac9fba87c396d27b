"""Practice: trainers write exercises and see results, collectors answer and see what the judge says."""

from web.practice.views import bp

__all__ = ["bp"]
