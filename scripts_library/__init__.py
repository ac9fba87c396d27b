"""What collectors may say: scripts, versions, approval, choosing."""
