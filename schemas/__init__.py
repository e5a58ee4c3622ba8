"""What crosses a boundary: frozen, strict types and signed documents.

Imports nothing else of Wegwijs.
"""
