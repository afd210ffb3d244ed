"""`python -m tenon` is the command line."""

from tenon.cli.app import main

if __name__ == "__main__":
    main()
