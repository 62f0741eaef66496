"""The Telegram channel: polling, sending, webhook, and the fake that judges them."""
