"""How Wegwijs is run: the demo, the `wegwijs` command."""
