"""The demo: synthetic clients, ten centres, their files and the exact truth about them."""
