"""Verification: what exact markets bring, held against what theory says that they must."""
