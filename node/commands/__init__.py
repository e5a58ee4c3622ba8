"""Commands of `wegwijs-node`, a module a family."""
