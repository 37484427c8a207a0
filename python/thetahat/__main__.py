"""`python -m thetahat` is the command `thetahat`."""

from .cli import main

main()
