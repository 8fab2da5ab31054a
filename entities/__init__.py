"""Entities: vocabularies, tables, schemas, factories, the database and the registry over them."""
