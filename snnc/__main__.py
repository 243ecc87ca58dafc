"""``python -m snnc`` does what ``snnc`` does."""

from snnc.cli.main import main

if __name__ == "__main__":
    main()
