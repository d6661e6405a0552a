"""Entry of `fairlead` and `argocd`, one program under two names."""

from fairlead.cli.program import main

if __name__ == "__main__":
    main()
