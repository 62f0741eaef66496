"""What words say about an hour and its minutes, by the words of one language."""

from bot.folding import WORD, fold
from bot.interpreting.moment_words import MomentWords


def number_of(table: MomentWords, word: str) -> int | None:
    """The number that a word or two figures are; None for any other word."""
    return int(word) if word.isdecimal() and len(word) <= 2 else table.numbers.get(word)


def hour_of(table: MomentWords, rest: list[str]) -> int | None:
    """The hour, 1 to 24, that the first of some words is."""
    number = number_of(table, rest[0]) if rest else None
    return number if number is not None and 1 <= number <= 24 else None


def minute_after(
    table: MomentWords, rest: list[str], *, joined: bool, less: bool
) -> tuple[int, int]:
    """The minutes after an hour, below zero before it, and how many words they took."""
    word = rest[0]
    after = rest[1] if len(rest) > 1 else ""
    past, to = table.means("past", after), table.means("to", after)
    if (past or to) and hour_of(table, rest[2:]):
        return 0, 0  # "nine and half past ten"
    idiom = joined and not table.half_before
    if table.means("half_after", word) or (idiom and table.means("half", word)):
        return (0 if less else 30), 1
    if table.means("quarter_after", word):
        return 15, 1
    if table.means("quarter", word):
        if less or table.means("less", after):
            return -15, 1 + (not less)
        return (15, 1 + past) if idiom or past else (0, 0)
    minute, taken = table.minutes_said.get(word, 0), 1
    if minute % 10 == 0 and minute > 10 and 1 <= table.numbers.get(after, 0) <= 9:
        minute, taken = minute + table.numbers[after], 2
    if not minute and joined and word.isdecimal() and len(word) == 2 and int(word) < 60:
        likely = word in ("30", "45") and after not in table.months
        minute = int(word) if likely or table.means("minutes", after) else 0
    return (-minute if less else minute), taken


def more_follows(table: MomentWords, text: str) -> bool:
    """Whether a half or a quarter comes after an hour: "9 ч. и половина"."""
    words = table.joined(WORD.findall(fold(text[:60])))
    joined = less = False
    while words and (table.means("and", words[0]) or table.means("less", words[0])):
        joined, less, words = True, less or table.means("less", words[0]), words[1:]
    return bool(words) and minute_after(table, words, joined=joined, less=less)[0] != 0
