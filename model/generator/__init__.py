"""Realistic training input: digits as people send them, and things that are no digits.

sources -> model.ink (the same normaliser as the service's) -> 28x28 fields, labels and kinds
"""
