"""`python -m gateway.cli`, for processes that start a command with their own interpreter."""

from gateway.cli import main

main()
