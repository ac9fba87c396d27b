"""The collector's desk: my cases, and one case at a time with the answer to "may I?" before anything else."""

from web.collector.views import bp

__all__ = ["bp"]
