"""`python -m bot`: the command line, for the launcher `./tandem`."""

from bot.cli import main

main()
