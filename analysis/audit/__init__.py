"""The audit: every law, checked on what a finished run left behind."""
