"""The language of a message is told from little, and never against its writer without reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.languages import OFFERED, RECOGNISED, UNKNOWN, Detected, detect

SENTENCES = [
    ("bin vor 3 tagen eingezogen, muss ich das irgendwo melden?", "de"),
    ("altes sofa weg wohin", "de"),
    ("my boss says no holiday in the first year, is that true", "en"),
    ("letter from Familienkasse asks for Lebensbescheinigung??", "en"),
    ("recieved Kuendigung from landlord wat now", "en"),
    ("çöp ayırmazsam ceza var mı", "tr"),
    ("oturum kartim bitiyor ne zaman randevu almaliyim", "tr"),
    ("وين بقدر آخد كورس ألماني وعندي طفلة صغيرة", "ar"),
    ("чи можу я працювати якщо в мене тільки довідка", "uk"),
    ("нужен переводчик к врачу", "ru"),
    ("am pierdut buletinul", "ro"),
    ("къде се сменя шофьорска книжка", "bg"),
    ("που κάνω εξετάσεις χωρίς όνομα", "el"),
    ("szef nie wypłacił mi pieniędzy za nadgodziny", "pl"),
    ("برای بچه چهار ساله مهد کودک میخوام", "fa"),
    ("où est-ce que je dois m'inscrire à la mairie", "fr"),
    ("dónde tengo que registrar mi piso", "es"),
    ("dove devo registrare il mio appartamento", "it"),
    ("onde posso registar a minha casa", "pt"),
    ("gdje se moram prijaviti kad se preselim", "hr"),
    ("ku duhet të regjistrohem pas ndërrimit të banesës", "sq"),
    ("مجھے ڈاکٹر چاہیے جو اردو بولتا ہو", "ur"),
    ("زه د ډاکټر سره لیدل غواړم", "ps"),
    ("ez li ku dikarim navnîşana xwe tomar bikim", "ku"),
    ("لە کوێ دەتوانم ناونیشانم تۆمار بکەم", "ckb"),
    ("xagee ayaan iska diiwaan geliyaa markaan guuro", "so"),
    ("ፓስፖርተይ ጠፊኡኒ እንታይ ክገብር", "ti"),
    ("ፓስፖርቴ ጠፍቷል ምን ላድርግ", "am"),
]


@pytest.mark.parametrize(("text", "language"), SENTENCES)
def test_a_sentence_tells_its_language_whatever_was_chosen(text: str, language: str) -> None:
    assert detect(text).language == language
    assert detect(text, language).language == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("kif bsajjel weldi bel madrase", "ar"),
        ("3andi mawid 3end el doctor", "ar"),
        ("kak oformit detskie dengi", "ru"),
        ("pou kano eksetaseis gia aids xoris onoma", "el"),
        ("baraye bache kudak mikham", "fa"),
    ],
)
def test_other_scripts_typed_in_latin_letters_are_noticed(text: str, language: str) -> None:
    found = detect(text, language)
    assert (found.language, found.romanised) == (language, True)
    assert detect(text).language == language


@pytest.mark.parametrize("chosen", OFFERED)
def test_an_office_word_or_a_number_is_no_reason_to_change_the_language(chosen: str) -> None:
    for text in ("Jobcenter", "Anmeldung", "Termin Jobcenter", "12345", "???", "", "🙂", "ok"):
        found = detect(text, chosen)
        assert found.language == chosen or not found.certain


@pytest.mark.parametrize("chosen", ["ar", "fa", "uk", "tr"])
def test_a_german_or_english_sentence_is_certain_for_anybody(chosen: str) -> None:
    assert detect("wo ist das rathaus und wann hat es auf", chosen) == Detected("de", certain=True)
    assert detect("where can i find a doctor for my child", chosen) == Detected("en", certain=True)


def test_a_script_nobody_here_writes_is_unknown() -> None:
    assert detect("你好吗") == Detected(UNKNOWN, certain=True)


@given(st.text(st.characters(), max_size=300), st.sampled_from([None, *RECOGNISED, "xx"]))
def test_any_text_has_an_answer(text: str, chosen: str | None) -> None:
    found = detect(text, chosen)
    assert found.language in (*RECOGNISED, UNKNOWN, chosen)
