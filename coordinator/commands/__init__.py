"""Commands of `wegwijs-coordinator`, a module a family."""
