"""``python -m musify``: the shell."""

from musify._entry import main

main()
