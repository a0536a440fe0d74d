"""How the kit is run on what is known to be broken."""

pytest_plugins = ["pytester"]
