"""What the bot promises, told as people who meet it."""
