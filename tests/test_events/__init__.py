"""Events, from both sides of the chat."""
