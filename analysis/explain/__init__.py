"""Why a line item delivered what it did, and what it would have delivered with one constraint less."""
