"""Danger is noticed in whatever language, spelling and company it comes; its namesakes are not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.emergency import FOLDER, READ, Dangers, dangers, examples, kind, known
from bot.answering.stems import Stems
from bot.folding import fold, words
from bot.knowledge import Knowledge

CRIES = [
    ("de", "breathing", "sie atmed kaum"),
    ("de", "unconscious", "habe meinen mitbewohner bewusstlos gefunden"),
    ("de", "bleeding", "hab mir die hand durchgestoßen mit dem schraubenzieher"),
    ("de", "heart", "mein opa hat schmerzen hinterm brustbein seit 20 minuten und ist grau"),
    ("de", "stroke", "ein mundwinkel hängt bei meinem vater"),
    ("de", "seizure", "epileptischer anfall bahnhof"),
    ("de", "birth", "kind kommt im aufzug"),
    ("de", "overdose", "sohn 16 überdosis speed"),
    ("de", "poison", "kind hat reinigungsmittel im mund"),
    ("de", "fire", "heizlüfter brennt"),
    ("de", "violence", "mein ex randaliert vor der tür und droht"),
    ("de", "suicide", "ich bring mich jetzt um"),
    ("de", "accident", "autounfall mit verletzten"),
    ("de", "electric", "stromschlag kind"),
    ("de", "sexual_violence", "er hat mich eben vergewaltigt bitte helft mir"),
    ("en", "breathing", "no air cant talk much"),
    ("en", "unconscious", "motorcyclist lying on the road"),
    ("en", "bleeding", "he is bleeding to death"),
    ("en", "heart", "probably heart attack"),
    ("en", "seizure", "my baby jerks arms and legs fever 40"),
    ("en", "birth", "contractions every 2 min and no car"),
    ("en", "poison", "2 year old tasted toilet cleaner"),
    ("en", "fire", "flat on fire i am locked in"),
    ("en", "violence", "they threaten us with a pistol"),
    ("en", "burglary_now", "someone is messing with our door lock"),
    ("en", "suicide", "she is on the roof edge and wants to jump"),
    ("en", "drowning", "someone floating in the rhine"),
    ("en", "gas", "gas smell in whole building"),
    ("en", "missing_child", "my child was kidnapped"),
    ("en", "help_now", "please call an ambulance i speak bad german"),
    ("tr", "unconscious", "babam bilinci yerinde değil"),
    ("tr", "fire", "evde yangin cikti"),
    ("ar", "stroke", "امي تمها انعوج"),
    ("ar", "violence", "زوجي سحب سكينة"),
    ("ru", "breathing", "муж не может вздохнуть"),
    ("ru", "breathing", "rebenok zadihaetsya"),
    ("uk", "seizure", "син впав і трясеться"),
    ("uk", "fire", "будинок горить всередині люди"),
    ("ro", "seizure", "fiul a căzut și tremură"),
    ("bg", "heart", "сърцето ме стяга много"),
    ("el", "fire", "το σπίτι καίγεται έχει ανθρώπους μέσα"),
    ("pl", "heart", "serce mocno mnie ściska"),
    ("fa", "seizure", "پسرم افتاد و میلرزه"),
    ("fr", "birth", "ma femme accouche que faire"),
    ("es", "breathing", "mi marido no puede respirar"),
    ("it", "birth", "mia moglie sta partorendo che faccio"),
    ("pt", "fire", "a casa está a arder há pessoas lá dentro"),
    ("hr", "birth", "žena rađa što da radim"),
    ("sq", "fire", "shtëpia po digjet ka njerëz brenda"),
    ("ur", "suicide", "بھائی نے خودکشی کی کوشش کی"),
    ("ku", "unconscious", "bavê min ji hiş çû"),
    ("ps", "violence", "میړه مې چاړه راوویستله"),
    ("so", "fire", "gurigu wuu gubanayaa dad baa ku jira"),
    ("ti", "suicide", "ሓወይ ነብሱ ክቐትል ፈቲኑ"),
]

ORDINARY = [
    "where is the fire brigade museum",
    "Wer hat gestern gewonnen, Rüsselsheim oder Mainz?",
    "was kostet ein rettungswagen ohne versicherung",
    "mein vater hatte letztes jahr einen herzinfarkt, gibt es reha in der nähe",
    "erste-hilfe-kurs für den führerschein in raunheim",
    "die sirene ging heute um 11, ist das der warntag",
    "my husband drinks too much, where can i get advice",
    "can i drive with epilepsy",
    "frauenhaus mit zwei kindern, wie komme ich da rein",
    "nummer der giftnotrufzentrale",
    "brauche ich eine hausratversicherung gegen feuer",
    "die heizung ist ausgefallen und uns ist kalt",
    "rauchmelder piept die ganze nacht",
    "ich habe seit wochen rückenschmerzen",
    "hebamme in nauheim gesucht",
    "electricity bill too high",
    "my heart is broken since she left",
    "this rent is killing me",
    "blutabnahme beim hausarzt, muss ich nüchtern sein",
    "automat am bahnhof hat meine karte geschluckt",
    "der vermieter reagiert nicht auf meine briefe",
    "çocuğum okulda dövülüyor kime söyleyeyim",
    "دكتور قلب بيحكي عربي",
    "нужен кардиолог который говорит по-русски",
    "мой сын скучает по дедушке",
    "dziecko jest bite w szkole do kogo iść",
    "donde puedo donar sangre",
    "bewerbung als rettungssanitäter",
    "Danke für die schnelle Hilfe!",
    "",
    "?!?",
    "asdkj qwe qwe",
]


@pytest.mark.parametrize(("language", "expected", "text"), CRIES)
def test_a_cry_for_help_that_nobody_listed_is_noticed(
    language: str, expected: str, text: str
) -> None:
    listed = {words_of(phrase) for each in examples().danger[language].values() for phrase in each}
    assert words_of(text) not in listed
    assert expected in dangers(text)


def words_of(text: str) -> str:
    return " ".join(words(text))


@pytest.mark.parametrize(("language", "expected", "text"), CRIES)
def test_the_chosen_language_and_the_company_do_not_hide_it(
    language: str, expected: str, text: str
) -> None:
    """Somebody with German chosen writes in panic; greeting and address stand around it."""
    assert dangers(text, "de")
    assert dangers(f"Guten Tag, {text}!!! Mainzer Straße 5 in Büttelborn", "de")
    assert dangers(text.upper(), "ar")
    if language in ("de", "en"):  # elsewhere so much of no language leaves the language open
        assert dangers("bla " * 300 + text + " bla" * 300)


@pytest.mark.parametrize("text", ORDINARY)
def test_what_only_sounds_like_danger_is_none(text: str) -> None:
    assert dangers(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my phone is dead", False),
        ("my mum is dead", True),
        ("es brennt beim pinkeln", False),
        ("es brennt beim nachbarn", True),
        ("er atmet wieder", False),
        ("er atmet nicht", True),
        ("der chef droht mit kündigung", False),
        ("der chef droht mit einem messer", True),
        ("wir sind im feuerwehrmuseum", False),
        ("wir sind im feuerwehrmuseum und mein mann atmet nicht", True),
        ("my husband has back pain", False),
        ("Hausbrand", True),
        ("ich will nicht mehr in dieser wohnung leben", False),
        ("ich will nicht mehr leben", True),
    ],
)
def test_one_word_decides(text: str, expected: bool) -> None:
    assert bool(dangers(text)) is expected


def test_a_slip_of_the_finger_does_not_hide_it() -> None:
    for text in ("mein vater ist bewustlos", "he is unconsious", "мама без сазнания", "bewusstlso"):
        assert "unconscious" in dangers(text), text


def test_the_gravest_danger_comes_first() -> None:
    found = dangers("meine freundin hat tabletten genommen und atmet nicht mehr")
    assert found[0] == "breathing"
    assert "overdose" in found
    assert list(found) == sorted(found, key=list(known().kinds).index)


def test_every_listed_cry_is_noticed_and_every_near_miss_is_not() -> None:
    listed = examples()
    for language, kinds in listed.danger.items():
        for name, phrases in kinds.items():
            for phrase in phrases:
                assert name in dangers(phrase), (language, name, phrase)
        for phrase in listed.no_danger[language]:
            assert dangers(phrase) == (), (language, phrase)


def test_every_language_of_the_county_has_its_dangers() -> None:
    first = ["de", "en", "tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa"]
    others = ["fr", "es", "it", "pt", "hr", "sq", "ur", "ku", "ps", "so", "ti"]
    listed = examples()
    assert set(listed.danger) == {*first, *others}
    for language in first:
        assert listed.danger[language].keys() == known().kinds.keys(), language
        assert len(listed.no_danger[language]) >= 25, language
    for language in ("de", "en"):
        assert len(listed.no_danger[language]) >= 60
        assert all(len(phrases) >= 6 for phrases in listed.danger[language].values())


def test_every_kind_shows_topics_and_contacts_that_exist(knowledge: Knowledge) -> None:
    for name, each in known().kinds.items():
        assert set(each.topics) <= knowledge.topics.keys(), name
        assert "emergency-numbers" in each.topics, name
        assert set(each.calls) <= knowledge.contacts.keys(), name
    assert kind("poison").topics[0] == "poison-control"
    assert kind("suicide").topics[0] == "suicide-crisis"
    assert "violence-against-women" in kind("violence").topics


@pytest.mark.parametrize("name", ["emergency", "doctors", "residence", "housing", "work", "money"])
def test_ordinary_questions_hardly_ever_raise_the_alarm(name: str, knowledge: Knowledge) -> None:
    """At most one in fifty of the chapter that speaks of danger, one in two hundred of the others.

    In the chapter on danger other languages than German and English have cries for help among
    their ways of asking: there the card is right.
    """
    asked = [
        question
        for topic in knowledge.topics.values()
        if topic.chapter == name
        for language, article in topic.articles.items()
        if name != "emergency" or language in ("de", "en")
        for question in article.questions
    ]
    assert len(asked) > 20
    alarms = [question for question in asked if dangers(question)]
    assert len(alarms) <= len(asked) / (50 if name == "emergency" else 200), alarms


@given(st.text(max_size=300))
def test_no_text_makes_it_stumble(text: str) -> None:
    assert set(dangers(text)) <= known().kinds.keys()


def test_very_long_messages_are_read_at_both_ends() -> None:
    filler = "guten tag " * READ
    assert dangers(f"mein mann atmet nicht {filler}")
    assert dangers(f"{filler} mein mann atmet nicht")


def folder_with(tmp_path: Path, content: str) -> Path:
    (tmp_path / "kinds.toml").write_text('[fire]\ntopics = ["a"]\ncalls = ["b"]\n')
    (tmp_path / "ordinary.txt").write_text("# none\n")
    (tmp_path / "en.toml").write_text(content)
    return tmp_path


@pytest.mark.parametrize(
    "content",
    [
        '[flood]\nphrases = ["water"]\n',
        '[fire]\npatterns = ["fire"]\n',
        '[fire]\nphrases = ["fire"]\npatterns = ["@nobody fire"]\n',
        '[fire]\nphrases = ["fire"]\npatterns = ["!smoke"]\n',
        '[fire]\nphrases = ["fire"]\npatterns = ["fire house|_"]\n',
        "[fire\n",
    ],
)
def test_a_wrong_entry_is_named_by_its_file(tmp_path: Path, content: str) -> None:
    with pytest.raises(ValueError, match=r"en\.toml"):
        Dangers(folder_with(tmp_path, content))


def test_a_file_that_is_right_is_read(tmp_path: Path) -> None:
    content = '[fire]\nphrases = ["it burns here"]\npatterns = ["burn hous !lamp"]\n'
    found = Dangers(folder_with(tmp_path, content))
    assert found.find("the house is burning") == ("fire",)
    assert found.find("the lamp burns in the house") == ()


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("atm nicht", "er atmet nicht", True),
        ("atm nicht", "nicht mehr atmen", True),
        ("atm nicht", "er atmet", False),
        ("=feuer haus", "feuerwehr haus", False),
        ("=feuer haus", "feuer im haus", True),
        ("*infarkt", "hinterwandinfarkt", True),
        ("keine_luft", "keine luft", True),
        ("keine_luft", "luft keine", False),
        ("feuer haus /1", "feuer im haus", False),
        ("feuer haus !museum", "feuer im haus das ein museum ist", False),
        ("hilfe <3", "hilfe bitte", True),
        ("hilfe <3", "hilfe beim ausfüllen", False),
        ("bewusstlos mann", "bewustlos der mann", True),
        ("@wer fällt", "die oma fällt", True),
        ("brenn brenn", "es brennt", False),
    ],
)
def test_the_marks_of_a_pattern_mean_what_they_say(pattern: str, text: str, expected: bool) -> None:
    stems = Stems()
    stems.add(pattern, "x", language="de", sets={"wer": "oma opa"})
    assert bool(stems.find(words(text), {"de"})) is expected


def test_a_pattern_of_another_language_must_match_to_the_letter() -> None:
    stems = Stems()
    stems.add("hausbrand", "fire", language="de")
    assert stems.find(words("housbrand"), {"de"})
    assert not stems.find(words("husband"), {"en"})
    assert stems.find(words("hausbrand"), {"en"})


def test_other_alphabets_are_found_in_latin_letters() -> None:
    stems = Stems()
    stems.add("не дыш|дышит", "breathing", language="ru", other_script=True)
    for text in ("он не дышит", "on ne dyshit", "ne dishit"):
        assert stems.find(words(text), {"ru"}), text


def test_ordinary_words_are_written_as_they_are_compared() -> None:
    lines = (FOLDER / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    listed = [line.partition(":") for line in lines if not line.startswith("#")]
    assert {language for language, _, _ in listed} <= examples().danger.keys()
    ordinary = [word for _, _, line in listed for word in line.split()]
    assert len(ordinary) > 100
    for word in ordinary:
        assert fold(word) == word
        assert len(word) >= 5
