"""Sample conversations in several writing systems, as the bot might have them."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)

from tests.test_webchat.house import House

WORDS: dict[str, dict[str, str]] = {
    "de": {
        "placeholder": "Ihre Frage …",
        "menu": "Menü",
        "online": "Verbunden",
        "imprint": "Impressum",
        "privacy": "Datenschutz",
        "send": "Senden",
    },
    "ar": {
        "placeholder": "اكتب سؤالك …",
        "menu": "القائمة",
        "online": "متصل",
        "imprint": "بيانات الناشر",
        "privacy": "الخصوصية",
        "send": "إرسال",
    },
    "fa": {
        "placeholder": "پرسش خود را بنویسید …",
        "menu": "فهرست",
        "online": "متصل",
        "imprint": "مشخصات ناشر",
        "privacy": "حریم خصوصی",
        "send": "ارسال",
    },
    "el": {
        "placeholder": "Η ερώτησή σας …",
        "menu": "Μενού",
        "online": "Συνδεδεμένο",
        "imprint": "Στοιχεία εκδότη",
        "privacy": "Απόρρητο",
        "send": "Αποστολή",
    },
    "uk": {
        "placeholder": "Ваше запитання …",
        "menu": "Меню",
        "online": "Зʼєднано",
        "imprint": "Вихідні дані",
        "privacy": "Захист даних",
        "send": "Надіслати",
    },
}

OFFICE = (
    "<b>\u2068Büro für Integration\u2069</b>\n"
    "\u2068Wilhelm-Seipp-Straße 4, 64521 Groß-Gerau\u2069\n"
    "{phone}: +49 6152 989630\n{mail}: bfi@kreisgg.de"
)

TEXTS: dict[str, tuple[str, list[str]]] = {
    "de": (
        "<b>Wohnsitz anmelden</b>\n\nSie sind umgezogen? Dann melden Sie Ihre Wohnung an. "
        "Dafür haben Sie zwei Wochen Zeit.\n\nBringen Sie mit:\n• Ihren Pass oder Ausweis\n"
        "• die <i>Wohnungs-Geber-Bestätigung</i>\n\n"
        + OFFICE.format(phone="Telefon", mail="E-Mail"),
        ["1 Ja, das hat geholfen", "2 Nein", "3 Auf Deutsch zeigen"],
    ),
    "ar": (
        "<b>تسجيل العنوان (\u2068Anmeldung\u2069)</b>\n\nهل انتقلت إلى بيت جديد؟ سجّل عنوانك خلال "
        "أسبوعين.\n\nأحضر معك:\n• جواز السفر أو الهوية\n"
        "• شهادة من صاحب السكن (\u2068Wohnungsgeberbestätigung\u2069)\n\n"
        + OFFICE.format(phone="هاتف", mail="بريد"),
        ["١ نعم", "٢ لا", "٣ عرض بالألمانية"],
    ),
    "fa": (
        "<b>ثبت نشانی (\u2068Anmeldung\u2069)</b>\n\nبه خانهٔ تازه‌ای رفته‌اید؟ نشانی خود را "
        "تا دو هفته ثبت کنید.\n\nهمراه بیاورید:\n• گذرنامه یا کارت شناسایی\n"
        "• گواهی صاحب‌خانه (\u2068Wohnungsgeberbestätigung\u2069)\n\n"
        + OFFICE.format(phone="تلفن", mail="ایمیل"),
        ["۱ بله", "۲ خیر", "۳ نمایش به آلمانی"],
    ),
    "el": (
        "<b>Δήλωση κατοικίας (Anmeldung)</b>\n\nΜετακομίσατε; Δηλώστε την κατοικία σας μέσα σε "
        "δύο εβδομάδες.\n\nΦέρτε μαζί σας:\n• το διαβατήριο ή την ταυτότητά σας\n"
        "• τη βεβαίωση του ιδιοκτήτη (Wohnungsgeberbestätigung)\n\n"
        + OFFICE.format(phone="Τηλέφωνο", mail="Email"),
        ["1 Ναι", "2 Όχι", "3 Στα γερμανικά"],
    ),
    "uk": (
        "<b>Реєстрація місця проживання (Anmeldung)</b>\n\nВи переїхали? Зареєструйте адресу "
        "протягом двох тижнів.\n\nВізьміть із собою:\n• паспорт або посвідчення\n"
        "• довідку від орендодавця (Wohnungsgeberbestätigung)\n\n"
        + OFFICE.format(phone="Телефон", mail="Ел. пошта"),
        ["1 Так", "2 Ні", "3 Показати німецькою"],
    ),
}
ASKED = {
    "de": "bin vor 3 tagen eingezogen, muss ich das melden?",
    "ar": "wein bsajjel 3enwani?",
    "fa": "kojā bāyad ādres sabt konam?",
    "el": "που δηλωνω διευθυνση",
    "uk": "де зареєструвати адресу",
}


def add_samples(house: House) -> None:
    """Teaches the small bot its sample conversations."""
    router = Router()

    @router.message(Command("sample"))
    async def sample(message: Message, command: CommandObject) -> None:
        language = command.args or "de"
        await house.session.announce_language(message.chat.id, language)
        text, choices = TEXTS[language]
        rows = [[InlineKeyboardButton(text=one, callback_data="nothing")] for one in choices]
        rows[:2] = [rows[0] + rows[1]]
        await message.answer(text, reply_markup=InlineKeyboardMarkup(inline_keyboard=rows))

    @router.message(Command("markup"))
    async def markup(message: Message) -> None:
        await message.answer(
            "<b>b</b> <i>i</i> <u>u</u> <s>s</s> <code>code</code> <pre>pre</pre> "
            "<blockquote>quote</blockquote> <tg-spoiler>hidden</tg-spoiler> "
            '<a href="tel:112">112</a> <a href="mailto:bfi@kreisgg.de">mail</a> '
            '<a href="https://www.kreisgg.de/">web</a> <a href="javascript:alert(1)">bad</a> '
            "&lt;img src=x onerror=alert(1)&gt; /menu"
        )

    @router.message(Command("alert"))
    async def alert(message: Message) -> None:
        row = [InlineKeyboardButton(text="ALERT", callback_data="alert")]
        await message.answer("Press", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row]))

    @router.callback_query(F.data == "alert")
    async def alerted(query: CallbackQuery) -> None:
        await query.answer("Read this first", show_alert=True)

    # Before the doors of the small bot, the last of which takes every message.
    house.dispatcher.sub_routers.insert(0, router)
