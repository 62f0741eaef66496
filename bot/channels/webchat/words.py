"""The words of the page itself, in English; the bot's own sentences come from its handlers."""

from collections.abc import Callable, Mapping

from bot.texts import N_

Strings = Callable[[str], Mapping[str, str]]
"""Takes a language (BCP 47) and returns the page's words in it; a missing word stays English."""

ENGLISH: Mapping[str, str] = {
    "log": N_("Conversation"),
    "skip": N_("Go to the message field"),
    "you": N_("You:"),
    "office": N_("Answer:"),
    "placeholder": N_("Write your question …"),
    "message": N_("Message"),
    "send": N_("Send"),
    "attach": N_("Send a file or photo"),
    "location": N_("Share where I am"),
    "menu": N_("Menu"),
    "text_size": N_("Text size"),
    "close": N_("Close and clear this chat"),
    "close_question": N_(
        "Close this chat? Everything on this page will be cleared. Nobody can open it again."
    ),
    "close_yes": N_("Close and clear"),
    "cancel": N_("Cancel"),
    "ok": N_("OK"),
    "closed": N_("The chat is closed and this page is cleared."),
    "forgotten": N_("Your data has been deleted."),
    "start_again": N_("Start a new chat"),
    "connecting": N_("Connecting …"),
    "online": N_("Connected"),
    "offline": N_("No connection. What you write is sent as soon as it is back."),
    "retry": N_("Try now"),
    "full": N_(
        "Very many people are writing right now. Please wait a moment; "
        "the chat tries again by itself."
    ),
    "typing": N_("The answer is being written"),
    "sending": N_("Sending …"),
    "too_long": N_("Too long: please send it in two messages."),
    "too_fast": N_("One moment please, that was very fast."),
    "working": N_("One moment: your device is doing a small task against abuse."),
    "old_button": N_("This button no longer works. Please write your question."),
    "copied": N_("Copied"),
    "download": N_("Download"),
    "open_map": N_("Show on map"),
    "photo": N_("Photo"),
    "image_unavailable": N_("This picture is no longer here."),
    "file_unavailable": N_("This file is no longer here."),
    "file_too_large": N_("This file is too large. The limit is 20 MB."),
    "file_failed": N_("The file could not be sent."),
    "uploading": N_("Sending the file …"),
    "location_denied": N_(
        "Your browser did not share the location. You can write your town instead."
    ),
    "location_wait": N_("Asking for your location …"),
    "spoiler": N_("Hidden text: show"),
    "newest": N_("New messages"),
    "imprint": N_("Legal notice"),
    "privacy": N_("Privacy"),
    "no_script": N_("This chat needs JavaScript. You can also call or visit the office."),
    "new_tab": N_("(opens in a new window)"),
}


def english(language: str) -> Mapping[str, str]:
    """The English words, whatever the language: the default until catalogs are passed in."""
    return ENGLISH


def complete(strings: Strings, language: str) -> dict[str, str]:
    """All words of the page in a language; English where one is missing or empty."""
    given = strings(language)
    return {key: given.get(key) or word for key, word in ENGLISH.items()}
