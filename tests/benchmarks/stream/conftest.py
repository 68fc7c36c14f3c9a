"""The rivals' programs are no tests, and what they import is not here."""

collect_ignore_glob = ["jobs/*_*.py"]
