"""Agreements on paying by instalments: written by collectors and officers, agreed and followed up by officers."""

from web.plans.views import bp

__all__ = ["bp"]
