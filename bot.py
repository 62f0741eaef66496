"""The doorbell: ``python bot.py`` starts the bot; ``--help`` lists what else it can do."""

from bot.app import main

if __name__ == "__main__":
    main()
