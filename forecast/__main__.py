"""``python -m forecast`` does the same as ``forecast``."""

from forecast.cli.main import main

if __name__ == "__main__":
    main()
