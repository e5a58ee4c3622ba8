"""Kinds of measure, one module each: parts with their sensitivity, a person's row, its figures."""
