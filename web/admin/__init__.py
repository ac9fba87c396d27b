"""The administrator's desk: who may log in, and as what."""

from web.admin.views import bp

__all__ = ["bp"]
