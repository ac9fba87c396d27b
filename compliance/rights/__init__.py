"""Notices given to the debtor, requests of the debtor, and their clocks."""
