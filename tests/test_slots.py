"""Specialty, language, town and access found in messages of many languages."""

from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.slots import SPECIALTIES, Slots, slots, wants_directory, warm_up
from bot.answering.slots.reading import WORDS, _known, _table
from bot.answering.slots.vocabulary import Label, Vocabulary, longest
from bot.folding import words

# message | specialty, language, municipality; - for what it does not name
MESSAGES = {
    "de": """
        Kinderzahnarzt in Mörfelden | dentist - Mörfelden-Walldorf
        Augenarzt für mein Kind, der Arabisch kann | ophthalmology ar -
        polnische Zahnärztin in Trebur gesucht | dentist pl Trebur
        Türkischsprachiger Frauenarzt Nähe Bischofsheim | gynaecology tr Bischofsheim
        arabischsprachige Psychotherapeutin | psychotherapy ar -
        Arzt in Griesheim | general - -
        Ich komme aus Polen und suche einen Zahnarzt | dentist - -
        mein deutsch ist schlecht, suche hausarzt der ukrainisch spricht | general uk -
        ich mache einen deutschkurs und brauche einen Orthopäden | orthopaedics - -
        Jemand für die Psyche der Farsi kann | psychotherapy fa -
        gibts nen doc für die haut in kelsterbach | dermatology - Kelsterbach
        kardiologin die griechisch spricht | cardiology el -
        Sozialberatung auf Bulgarisch in Raunheim | counselling bg Raunheim
        Hebamme Tigrinya 64569 | midwife ti Nauheim
        kurdischer (kurmandschi) Kinderarzt | paediatrics kmr -
        Urologe Riedstadt russischsprechend | urology ru Riedstadt
        krankenhaus wo man rumänisch spricht | hospital ro -
        Neurologe persisch Groß Gerau | neurology fa Groß-Gerau
        internist in biebesheim | internal - Biebesheim am Rhein
        HNO Arzt mit Aufzug in Stockstadt | ent - Stockstadt am Rhein
        meine Tochter 3 jahre braucht einen Arzt der Somali spricht | paediatrics so -
        Wer kennt einen Psychiater der Kroatisch kann | psychiatry hr -
        zahnartz rusisch | dentist ru -
        Frauenarzt | gynaecology - -
        vietnamesisch sprechender Allgemeinarzt | general vi -
        Serbokroatisch Zahnarzt | dentist sr -
        gynäkologin thailändisch büttelborn | gynaecology th Büttelborn
        Arzt für Rheuma | internal - -
    """,
    "en": """
        need a GP who speaks Dari in Raunheim | general prs Raunheim
        arab doctor for kids | paediatrics ar -
        female dentist please, polish | dentist pl -
        i'm from poland and need a dentist | dentist - -
        ear nose throat romanian | ent ro -
        any heart doctor in walldorf | cardiology - Mörfelden-Walldorf
        someone to talk to, psychologist in tigrinya | psychotherapy ti -
        bone doctor russian speaking | orthopaedics ru -
        where is a wheelchair accessible eye doctor | ophthalmology - -
        dont speak german, looking for family doctor in english gross gerau | general en Groß-Gerau
        advice centre in arabic rüsselsheim | counselling ar Rüsselsheim am Main
        turkish speaking urologist | urology tr -
        docter for skin who speaks ukranian | dermatology uk -
        lady doctor who knows urdu | gynaecology ur -
        hospital near Gustavsburg | hospital - Ginsheim-Gustavsburg
        pediatrican greek | paediatrics el -
        Syrian dentist in Rüsselsheim? | dentist ar Rüsselsheim am Main
        cardiologist hungarian | cardiology hu -
        doctor for my back pain who speaks albanian | orthopaedics sq -
        psychatrist farsi | psychiatry fa -
    """,
    "tr": """
        Rüsselsheim'da Türkçe bilen kadın doktoru var mı | gynaecology tr Rüsselsheim am Main
        diş hekimi arıyorum Raunheim civarı | dentist - Raunheim
        cocugum icin kurtce konusan doktor | paediatrics ku -
        türk kalp doktoru | cardiology tr -
        Almanca bilmiyorum, Türkçe psikolog lazım | psychotherapy tr -
        kulak burun boğaz doktoru Kelsterbach | ent - Kelsterbach
        cildiye doktoru arapça bilen | dermatology ar -
        bayan ebe, türkçe | midwife tr -
        Türkiye'den yeni geldim aile hekimi arıyorum | general - -
        sosyal danışmanlık türkçe Groß-Gerau | counselling tr Groß-Gerau
        ortopedist Mörfelden | orthopaedics - Mörfelden-Walldorf
    """,
    "ar": """
        بدي دكتور اسنان بيحكي عربي بروسلسهايم | dentist ar Rüsselsheim am Main
        طبيبة نسائية تتكلم الكردية | gynaecology ku -
        أبحث عن طبيب أطفال في راونهايم | paediatrics - Raunheim
        دكتور عيون تركي | ophthalmology tr -
        doktor snan 3arabi bi rüsselsheim | dentist ar Rüsselsheim am Main
        محتاج طبيب قلب | cardiology - -
        وين في معالج نفسي عربي | psychotherapy ar -
        طبيب جلدية يتكلم الإنجليزية | dermatology en -
        طبيب عظام | orthopaedics - -
        مشفى قريب من غيرنسهايم | hospital - Gernsheim
        دكتور عام يحكي صومالي | general so -
    """,
    "uk": """
        шукаю стоматолога який говорить українською в Рюссельсгаймі | dentist uk Rüsselsheim am Main
        потрібен сімейний лікар | general - -
        жіночий лікар російськомовний | gynaecology ru -
        дитячий лікар Наугайм | paediatrics - Nauheim
        психолог польською мовою | psychotherapy pl -
        я з України, потрібен окуліст | ophthalmology - -
        лікар серця | cardiology - -
        лор в Раунгаймі | ent - Raunheim
        shukaju dermatologa | dermatology - -
        лікарня де розуміють українську | hospital uk -
    """,
    "ru": """
        русскоязычный гинеколог в Гросс-Герау | gynaecology ru Groß-Gerau
        нужен зубной врач говорящий по-русски | dentist ru -
        ищу невролога турецкий язык | neurology tr -
        ishu russkogo zubnogo vracha v rüsselsheim | dentist ru Rüsselsheim am Main
        врач по-арабски | general ar -
        акушерка которая говорит по-польски | midwife pl -
        не говорю по-немецки, нужен терапевт | general - -
        детский психиатр | psychiatry - -
        кожный врач Кельстербах | dermatology - Kelsterbach
        кардиолога русского посоветуйте | cardiology ru -
    """,
    "ro": """
        caut dentist care vorbește română în Rüsselsheim | dentist ro Rüsselsheim am Main
        medic de familie vorbitor de rusă | general ru -
        am nevoie de ginecolog femeie | gynaecology - -
        pediatru român Groß-Gerau | paediatrics ro Groß-Gerau
        doctor de piele | dermatology - -
        sunt din România, caut ortoped | orthopaedics - -
        psiholog care stie turca | psychotherapy tr -
        spital in apropiere de Raunheim | hospital - Raunheim
        oftalmolog engleza | ophthalmology en -
    """,
    "bg": """
        търся зъболекар който говори български в Рюселсхайм | dentist bg Rüsselsheim am Main
        личен лекар с турски език | general tr -
        гинеколог говорещ български | gynaecology bg -
        детски лекар Раунхайм | paediatrics - Raunheim
        очен лекар наблизо | ophthalmology - -
        кожен лекар руски | dermatology ru -
        tursia zubolekar bulgarski | dentist bg -
        идвам от България, трябва ми кардиолог | cardiology - -
    """,
    "el": """
        ψάχνω οδοντίατρο που μιλάει ελληνικά στο Ρούσελσχαϊμ | dentist el Rüsselsheim am Main
        παιδίατρος ελληνόφωνος | paediatrics el -
        γυναικολόγος στο Γκρος Γκεράου | gynaecology - Groß-Gerau
        χρειάζομαι οφθαλμίατρο αγγλικά | ophthalmology en -
        psaxno odontiatro pou milaei ellinika | dentist el -
        έλληνας καρδιολόγος | cardiology el -
        γιατρός για το δέρμα | dermatology - -
        ορθοπεδικός τουρκικά | orthopaedics tr -
        ήρθα από την Ελλάδα, θέλω οικογενειακό γιατρό | general - -
    """,
    "pl": """
        szukam polskiego dentysty w Rüsselsheim | dentist pl Rüsselsheim am Main
        ginekolog mówiący po polsku | gynaecology pl -
        lekarz rodzinny rosyjskojęzyczny | general ru -
        pediatra Groß-Gerau po polsku | paediatrics pl Groß-Gerau
        nie mówię po niemiecku, potrzebuję okulisty | ophthalmology - -
        jestem z Polski, szukam kardiologa | cardiology - -
        laryngolog po ukraińsku | ent uk -
        poradnia po polsku Raunheim | counselling pl Raunheim
        położna arabska | midwife ar -
    """,
    "fa": """
        دندانپزشک فارسی زبان در روسلسهایم | dentist fa Rüsselsheim am Main
        دکتر زنان که دری بلد باشد | gynaecology prs -
        دنبال روانشناس ایرانی هستم | psychotherapy fa -
        متخصص اطفال کرج | paediatrics - -
        doctor dandan irani rüsselsheim | dentist fa Rüsselsheim am Main
        داکتر چشم پشتو | ophthalmology ps -
        دکتر عمومی عربی | general ar -
        متخصص پوست گروس گراو | dermatology - Groß-Gerau
        آلمانی بلد نیستم دکتر قلب میخوام | cardiology - -
    """,
    "fr": """
        dentiste qui parle arabe à Raunheim | dentist ar Raunheim
    """,
    "es": """
        busco ginecóloga que hable español | gynaecology es -
    """,
    "it": """
        medico di base che parla italiano | general it -
    """,
    "pt": """
        psicólogo português Rüsselsheim | psychotherapy pt Rüsselsheim am Main
    """,
    "hr": """
        zubar koji govori bosanski | dentist bs -
    """,
    "sq": """
        dentist që flet shqip në Rüsselsheim | dentist sq Rüsselsheim am Main
    """,
    "ur": """
        بچوں کا ڈاکٹر اردو بولنے والا | paediatrics ur -
        urdu bolne wala doctor | general ur -
    """,
    "ku": """
        doktorê diranan ku kurmancî dizane | dentist kmr -
    """,
    "ps": """
        د غاښونو ډاکټر چې پښتو وایي | dentist ps -
    """,
    "so": """
        dhakhtarka carruurta af soomaali | paediatrics so -
    """,
    "ti": """
        ሓኪም ስኒ ትግርኛ | dentist ti -
    """,
}

FIRST_LANGUAGES = ("de", "en", "tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa")


def _lines() -> list[tuple[str, str, Slots]]:
    lines = []
    for language, block in MESSAGES.items():
        for line in block.strip().splitlines():
            text, _, expected = line.partition(" | ")
            specialty, tongue, place = expected.split(maxsplit=2)
            lines.append(
                (
                    language,
                    text.strip(),
                    Slots(
                        specialty,
                        None if tongue == "-" else tongue,
                        None if place == "-" else place,
                    ),
                )
            )
    return lines


@pytest.mark.parametrize(("language", "text", "expected"), _lines())
def test_a_search_is_read_in_every_language(language: str, text: str, expected: Slots) -> None:
    for known in (language, None):
        found = slots(text, known)
        assert (found.specialty, found.language, found.municipality) == (
            expected.specialty,
            expected.language,
            expected.municipality,
        )
        assert wants_directory(text, known, found)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("wer bezahlt den zahnarzt", "de"),
        ("how do I see a doctor", "en"),
        ("when is the dentist free of charge", "en"),
        ("Rezept vom Hausarzt", "de"),
        ("brauche ich eine Überweisung zum Hautarzt?", "de"),
        ("ich brauche einen dolmetscher türkisch beim frauenarzt", "de"),
        ("doktor kostenlos ohne versicherung?", "de"),
        ("kann ich als Arzt arbeiten mit syrischem Diplom, Anerkennung", "de"),
        ("diş doktoru kaç para", "tr"),
        ("нужен переводчик к врачу", "ru"),
        ("сколько стоит стоматолог", "ru"),
        ("احتاج مترجم عند الدكتور", "ar"),
        ("ile kosztuje dentysta bez ubezpieczenia", "pl"),
        ("wo melde ich mich an in Raunheim", "de"),
        ("Wo gibt es eine Schuldnerberatung", "de"),
        ("dolmetscher arabisch", "de"),
        ("Integrationskurs in Trebur", "de"),
        ("", "de"),
    ],
)
def test_who_wants_to_know_something_does_not_search(text: str, language: str) -> None:
    assert not wants_directory(text, language, slots(text, language))


@pytest.mark.parametrize(
    "text", ["Kinderarzt?", "stomatolog", "need dentist", "göz doktoru", "لیست دکتر"]
)
def test_a_bare_name_is_a_search(text: str) -> None:
    assert wants_directory(text, None, slots(text))


@pytest.mark.parametrize(
    ("text", "specialty"),
    [
        ("Kinderzahnarzt", "dentist"),
        ("Augenarzt für mein Kind", "ophthalmology"),
        ("Frauenarzt", "gynaecology"),
        ("female dentist", "dentist"),
        ("Kinder- und Jugendpsychiater", "psychiatry"),
        ("kadın doktoru", "gynaecology"),
        ("kadın doktor", "general"),
        ("Hausarzt, ich habe Rücken", "general"),
        ("Arzt für mein Kind", "paediatrics"),
        ("dental clinic", "dentist"),
        ("psychologische Beratung", "psychotherapy"),
        ("augnartzt", "ophthalmology"),
        ("dermatlogist", "dermatology"),
        ("stomatoloh", "dentist"),
        ("Tierarzt", None),
        ("Physiotherapie", None),
        ("Internet zu Hause", None),
        ("jugendamt", None),
    ],
)
def test_of_several_names_the_narrower_counts(text: str, specialty: str | None) -> None:
    assert slots(text).specialty == specialty


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Arzt in Griesheim", None),
        ("Arzt, ich bin aus Polen", None),
        ("Zahnarzt, ich komme aus der Türkei", None),
        ("deutschkurs und Zahnarzt", None),
        ("Arzt in Deutschland", None),
        ("Ich kann kein Deutsch, Arzt der Dari kann", "prs"),
        ("no german, arabic doctor please", "ar"),
        ("deutschsprachiger Zahnarzt", "de"),
        ("polish doctor", "pl"),
        ("polnischer Arzt", "pl"),
        ("arab doctor", "ar"),
        ("i am polish and need a dentist", None),
        ("Arzt Kurdisch (Sorani)", "ckb"),
        ("Hausarzt", None),
        ("Orthopäde der Albanisch kann", "sq"),
        ("dentist who knows hungarian", "hu"),
        ("Arzt auf Thailändisch", "th"),
        ("врач вьетнамский язык", "vi"),
        ("doktor boşnakça", "bs"),
    ],
)
def test_a_language_is_not_a_country(text: str, language: str | None) -> None:
    assert slots(text).language == language


@pytest.mark.parametrize(
    ("text", "barrier_free", "female"),
    [
        ("Zahnarzt mit Aufzug", True, False),
        ("dentist wheelchair", True, False),
        ("стоматолог, мама на коляске", True, False),
        ("diş hekimi tekerlekli sandalye", True, False),
        ("Hautarzt weiblich", False, True),
        ("female GP", False, True),
        ("bayan doktor", False, True),
        ("женщина врач", False, True),
        ("Frauenarzt", False, False),
        ("Zahnarzt für meine Frau", False, False),
    ],
)
def test_access_and_women(text: str, barrier_free: bool, female: bool) -> None:
    found = slots(text)
    assert (found.barrier_free, found.female) == (barrier_free, female)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(("de", "ar", None, "zz")))
def test_no_text_is_too_strange(text: str, language: str | None) -> None:
    found = slots(text, language)
    assert found.specialty is None or found.specialty in SPECIALTIES
    wants_directory(text, language, found)


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "zahnarzt " * 9_000, "\ud800 arzt", "\ufdfa" * 20, "ا" * 999]
)
def test_nor_too_long(text: str) -> None:
    wants_directory(text, None, slots(text))


def test_every_specialty_has_words_in_the_first_languages() -> None:
    table = _table(WORDS / "specialties.toml")
    assert set(table) == {*SPECIALTIES, "none", "search"}
    for name in SPECIALTIES:
        assert set(FIRST_LANGUAGES) <= set(table[name]), name


def test_every_language_has_a_name_that_is_found() -> None:
    codes = set(_table(WORDS / "languages.toml")) - {"none", "around"}
    assert len(codes) >= 45
    english = Locale("en").languages
    own_words = {
        "kmr": "kurmanji",
        "ckb": "sorani",
        "zza": "zazaki",
        "rom": "romanes",
        "arc": "aramaic",
    }
    own_words |= {
        "prs": "dari",
        "ber": "berber",
        "gsw": "schweizerdeutsch",
        "tw": "twi",
        "ff": "fulani",
    }
    for code in codes:
        name = own_words.get(code) or english[code].lower()
        assert slots(f"doctor speaking {name.split(' (')[0]}").language == code, name


def test_the_words_can_be_read_beforehand() -> None:
    warm_up()
    assert _known.cache_info().currsize


def test_a_wrong_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no letters"):
        Vocabulary([(Label("specialty", "dentist"), "zahn =_")])
    for name in ("languages", "access"):
        source = WORDS / f"{name}.toml"
        (tmp_path / source.name).write_text(source.read_text("utf-8"), "utf-8")
    care = (WORDS / "specialties.toml").read_text("utf-8")
    (tmp_path / "specialties.toml").write_text(care + '\n[wizard]\nde = "zauber"\n', "utf-8")
    with pytest.raises(ValueError, match="wizard"):
        _known.__wrapped__(tmp_path)


def test_the_longest_of_overlapping_words_stays() -> None:
    known = Vocabulary([(Label("a", "short"), "zahn"), (Label("a", "long"), "zahnarzt_praxis")])
    found = longest(known.find(words("Zahnarzt Praxis")), frozenset("a"))
    assert [mention.label.name for mention in found] == ["long"]
