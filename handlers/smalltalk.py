"""Small talk gets a short, friendly answer and the menu."""

from bot.office import Office
from bot.texts import _
from handlers.notices import emergency_line, operator


def small_answer(office: Office, kind: str | None) -> str:
    """What we say to "hello", "thanks", "are you a human?" and the like."""
    match kind:
        case "hello":
            return _("Hello! What would you like to know?")
        case "thanks":
            return _("You are welcome!")
        case "who":
            return _(
                "I am the bot of: {operator}. "
                "I answer questions about living in the county. My answers are automatic."
            ).format(operator=operator(office))
        case "human":
            return _("No, I am a program. I answer automatically. People work in the office: /help")
        case "bye":
            return _("Goodbye! Write again whenever you need something.")
        case "ok":
            return _("Good. Is there anything else?")
        case "insult":
            return _(
                "I am sorry that you are not happy with this. You can also talk to a person: /help"
            )
        case _other:
            # Whoever only writes "help" may mean more than this bot.
            return "\n\n".join(
                [
                    _("I can help with questions about living in the county. Just write to me."),
                    emergency_line(),
                ]
            )
