"""Broadcasts: the ledger, the pace, and staff in the chat."""
