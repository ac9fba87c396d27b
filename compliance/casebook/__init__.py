"""Debtors, accounts and contact points; import; what a verdict must know."""
