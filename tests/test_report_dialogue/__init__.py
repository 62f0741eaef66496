"""Reporting in conversation, through the front door of both channels."""
