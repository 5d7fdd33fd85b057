"""Lists that a brand keeps of people: whose discount code is whose, and who of a platform buys. Read from a file,
checked whole, made pseudonyms, written to PostgreSQL: all of it, or nothing.
"""
