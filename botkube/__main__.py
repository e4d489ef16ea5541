"""`python -m botkube` is the same program as the `botkube` executable."""

from botkube.cli.main import main

if __name__ == "__main__":
    main()
