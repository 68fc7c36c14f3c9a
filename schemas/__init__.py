"""The words: what is read, said and stored, and nothing that decides.

Every wire format is a frozen `msgspec.Struct`. New fields have defaults, nothing is retyped, no name is reused.
"""
