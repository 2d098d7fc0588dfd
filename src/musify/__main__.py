"""``python -m musify``: the shell."""

from musify.cli import main

main()
