"""A small knowledge folder in which nothing is wrong, and ways to break it."""

from pathlib import Path

from bot.knowledge import problems, stamp

FACTS = """
[child_benefit]
value = 259
unit = "EUR"
per = "month"
source = "Bundesrecht"
source_url = "https://www.gesetze-im-internet.de/"
as_of = "2026-01"
confidence = "high"

[copayment]
value = 5
unit = "EUR"
source = "Bundesrecht"
as_of = "2025"
confidence = "medium"
"""

CONTACTS = """
[town_hall_here]
name.de = "Rathaus Hier"
name.en = "Town hall Hier"
street = "Am Platz 1"
postcode = "10001"
town = "Hier"
phones = [{ number = "+49 6152 9890", note.de = "Zentrale", note.en = "switchboard" }]
hours = [{ days = ["mon"], from = "08:00", to = "12:00" }]
email = "rathaus@example.org"
web = "https://example.org"
serves = ["Hier"]
sources = [{ title = "example.org", url = "https://example.org" }]
as_of = "2026-11"
confidence = "high"

[town_hall_there]
name.de = "Rathaus Dort"
name.en = "Town hall Dort"
serves = ["Dort"]
sources = [{ title = "example.org", url = "https://example.org" }]
as_of = "undated"
confidence = "high"

[office_for_the_rest]
name.de = "Amt für alle außer Hier"
name.en = "Office for all but Hier"
serves_not = ["Hier"]
sources = [{ title = "example.org", url = "https://example.org" }]
as_of = "2026"
confidence = "medium"

[helpline]
name.de = "Telefon"
name.en = "Helpline"
phones = [{ number = "116 016" }]
sources = [{ title = "example.org", url = "https://example.org" }]
as_of = "2026"
confidence = "high"
"""

MUNICIPALITIES = """
["Hier"]
postcodes = ["10001", "10002"]
lat = 49.9
lon = 8.4
districts = ["Unterhier"]
aliases = ["hia"]
town_hall = "town_hall_here"

["Dort"]
postcodes = ["20001"]
lat = 49.8
lon = 8.5
town_hall = "town_hall_there"
"""

TOPIC = """
contacts = ["@town_hall", "office_for_the_rest", "helpline"]
related = []
reviewed_on = 2026-11-24
"""

BODY = """Sie bekommen {child_benefit} pro Monat. Das Geld ist für jedes Kind.

Sie müssen das Geld **selbst beantragen**. Das kostet nichts. Bringen Sie mit:

- Ihren Pass und die Geburts-Urkunde von Ihrem Kind
- Ihre Steuer-Nummer und die Nummer von Ihrem Konto

Das Amt schreibt Ihnen einen Brief. Haben Sie Fragen? Dann rufen Sie dort an."""

FILE = "articles/child-benefit/"
QUESTIONS = ["wo?", "wie geht das", "wer hilft mir", "was kostet das", "wann denn", "bis wann"]


def article(
    body: str = BODY,
    *,
    questions: list[str] = QUESTIONS,
    translation: str = "original",
    translated_from: str = "",
    title: str = "Geld für Kinder",
    keywords: str = "Kindergeld, Kind",
) -> str:
    lines = "\n".join(f"- {question}" for question in questions)
    return (
        f'+++\ntitle = "{title}"\ntranslation = "{translation}"\n'
        f'translated_from = "{translated_from}"\n+++\n{body}\n\n'
        f"## Questions\n{lines}\n\n## Keywords\n{keywords}\n"
    )


def build(parent: Path) -> Path:
    """Writes the folder into a parent; its path."""
    root = parent / "knowledge"
    topic = root / "articles" / "child-benefit"
    topic.mkdir(parents=True)
    (root / "facts.toml").write_text(FACTS)
    (root / "contacts.toml").write_text(CONTACTS)
    (root / "municipalities.toml").write_text(MUNICIPALITIES)
    (root / "topics.csv").write_text(
        "id,book,chapter,title_de,must_cover\nchild-benefit,kreis_kompass,children,Kindergeld,x\n"
    )
    (topic / "topic.toml").write_text(TOPIC)
    german = BODY.replace("Geld ist", "Geld {copayment} ist")
    (topic / "de.md").write_text(article(german))
    (topic / "en.md").write_text(
        article(german, translation="machine", questions=[f"{ask} en" for ask in QUESTIONS])
    )
    stamp(root)
    return root


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def german_body(folder: Path, body: str) -> None:
    (folder / "articles/child-benefit/de.md").write_text(article(body))


def said(folder: Path) -> str:
    return "\n".join(map(str, problems(folder)))


def line_of(folder: Path, name: str, words: str) -> int:
    lines = (folder / name).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)
