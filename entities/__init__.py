"""What is bought and sold, and what happened: enums, tables, schemas, factories and the registry."""
