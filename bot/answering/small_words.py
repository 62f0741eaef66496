"""Small words by which a language shows itself in a short message."""


def _set(line: str) -> frozenset[str]:
    return frozenset(line.split())


def _sets(table: dict[str, str]) -> dict[str, frozenset[str]]:
    return {code: _set(line) for code, line in table.items()}


SMALL_WORDS = _sets(
    {
        "de": "ich wo wie was wer wann ist sind bin hat habe haben mein meine meinen meinem der die"
        " das den dem ein eine einen einem einer und oder nicht kein keine für mit von zu zum"
        " zur muss kann darf soll will brauche wir sie er auf bei nach wenn weil warum noch"
        " schon jetzt bitte danke hallo hilfe mir mich uns im am aber auch wieder wohin woher"
        " welche gibt es arzt geld kind kinder frau mann anmelden termin wohnung arbeit krank"
        " brief",
        "en": "i the is are am was do does did my your his her our you he she we they it what where"
        " when how who which why can could should must have has had to for of and or not no"
        " with from if there here please thanks thank hello hi help need want get got this"
        " that an me in on at be will would about doctor money child kids wife husband work"
        " letter",
        "tr": "ve bir bu ne nasıl nerede nereye var mı mi yok için ile ben benim istiyorum lazım"
        " nasil icin lazim çocuk kadar değil zaman almanca",
        "ro": "și si este sunt unde cum când cand pentru cu nu un o la de ce vreau am trebuie meu"
        " mea copil care din",
        "pl": "i w na się nie jest jak gdzie kiedy czy mam dla do co moje moja mój potrzebuję"
        " dziecko z po chcę",
        "fr": "je le la les un une des est où comment quand pour avec pas mon ma mes et ou que dans"
        " j'ai besoin suis mari enfant du de",
        "es": "yo el la los las un una es dónde donde cómo como cuándo para con no mi mis y o que"
        " en tengo necesito hijo puedo del",
        "it": "io il la i gli le un una è dove come quando per con non mio mia e o che in ho"
        " bisogno devo figlio posso di",
        "pt": "eu o a os as um uma é onde como quando para com não nao meu minha e ou que em tenho"
        " preciso filho posso de do",
        "hr": "ja je gdje kako kada za sa ne moj moja i ili što sto trebam imam u na dijete mogu",
        "sq": "unë une është eshte ku si kur për per me nuk im ime dhe ose çfarë kam nevojë duhet"
        " fëmija të te",
        "ku": "ez li ku çawa kengî ji bo bi na min û an çi heye divê dixwazim zarok vê ev",
        "so": "waa iyo ma ku ka u soo sidee xagee goorma aan waxaan ilmo rabaa leh anigu waxa",
    }
)
"""Words of nearly every sentence of a language written in Latin letters."""

ROMANISED_WORDS = _sets(
    {
        "ar": "ana wein wen win fein fen fin kif kef kifak keef shu sho chou shou bade baddi bdi"
        " biddi andi 3andi 3indi 3ende ma fi mafi la2 ya enta inta inte wallah ma3 3an min el"
        " al il bel bil fel fil lal kam emta imta lesh leh leesh hada hayda ibni benti weldi"
        " ebni mish mesh msh mou bsajjel bsajel marhaba salam shukran habibi ra7 3ala 7atta"
        " ba3d hon",
        "fa": "man ma baraye az ke chi chera chetor koja kojast kay chand ro ra hast nist mikham"
        " mikhaam mikhastam mikonam bayad lotfan salam mamnoon bache bacheam va ya ba dar"
        " chetori kheili nemidunam nemidoonam daram nadaram khune kar",
        "ru": "ya kak gde kogda chto chego mne nado nuzhno nuzhen mozhno mojno nelzya menya"
        " mena est dlya eto etot kto kuda pochemu skolko moy moya rebenok rebenka oformit"
        " poluchit spasibo privet pomogite",
        "uk": "ya yak koly shcho sho meni treba potribno potriben mozhna mene nemaye nema ye"
        " dlya tse chomu skilky miy moya dytyna dytyny otrymaty dyakuyu pryvit chy",
        "bg": "az kak kade kyde koga kakvo kakvi tryabva trqbva trebva moje mozhe nyama nqma"
        " tova koi zashto kolko moyat moq dete deteto blagodarya zdravei sym",
        "el": "pou pos pws pote ti thelo thelw mou mu den dn eimai einai exo exw gia me na kai ke"
        " to tin ton tis ta oi poso poios poia giati paidi prepei boro mporo kano kanw sto"
        " stin efxaristo geia kalimera",
    }
)
"""The same of languages of other scripts, as people type them in Latin letters."""

TIGRINYA_WORDS = _set("ኣበይ ድዩ ናይ ከመይ ምስ እንታይ ኣሎ ኣሎኒ ኣነ ክሳብ እየ እዩ ይኽእል መዓስ ኣብ ናብ ካብ የለን")
AMHARIC_WORDS = _set("ነው የት እንዴት ምን መቼ እኔ ጋር አለ አለኝ የለም ለምን ወደ ስለ እና ማን ነኝ ልጄ")
