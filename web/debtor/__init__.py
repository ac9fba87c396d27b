"""The debtor's page: opened by the code in a message, without log-in. Who asks, how to verify, and every right."""

from web.debtor.views import bp

__all__ = ["bp"]
