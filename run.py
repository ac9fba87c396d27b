"""``python run.py [COMMAND]``: serves, or runs a command. ``python run.py --help`` lists them all."""

from web.cli import main

if __name__ == "__main__":
    main()
