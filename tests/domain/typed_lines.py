"""Lines as reps type them after `/voc`, and how a person reads each: the table that test_typed_lines.py goes through.

Rivalsoft, OmniHaul and 华为 are known competitors; Globex, Globex Nordics, Initech, Procter & Gamble, AT&T and 3M are
known accounts; Ana Ruiz and a colleague called "colleague" work here. The workspace counts in US dollars unless a line
says otherwise. `text` is what a reader sees of the line, the rest is what the receipt says beside it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Read:
    """How a person reads a line. `deal`: the sum as "40000 USD"; `more`: what was typed with it, where it says more."""

    text: str
    theme: str | None = None
    account: str | None = None
    competitor: str | None = None
    deal: str | None = None
    more: str | None = None
    kind: str = "objection"
    others: tuple[str, ...] = ()
    home: str = "USD"


MARKS_AT_THE_ENDS = {
    "too expensive next to Rivalsoft #pricing @Globex $40k": Read(
        "too expensive next to Rivalsoft", "pricing", "Globex", "Rivalsoft", "40000 USD"
    ),
    "#pricing @Globex $40k too expensive next to Rivalsoft": Read(
        "$40k too expensive next to Rivalsoft", "pricing", "Globex", "Rivalsoft"
    ),
    "#pricing @Globex $40k they want a monthly plan": Read(
        "they want a monthly plan", "pricing", "Globex", deal="40000 USD"
    ),
    "@Globex $40k #sso no SAML": Read("no SAML", "sso", "Globex", deal="40000 USD"),
    "@Globex too slow": Read("too slow", account="Globex"),
    "@Globex: too slow": Read("too slow", account="Globex"),
    "@Globex:too slow": Read("too slow", account="Globex"),
    "@Globex - too slow": Read("too slow", account="Globex"),
    "@Globex – too slow": Read("too slow", account="Globex"),
    "@Globex—too slow": Read("too slow", account="Globex"),
    "@Globex, too slow": Read("too slow", account="Globex"),
    "too slow (@Globex)": Read("too slow", account="Globex"),
    "too slow (@Globex, $40k, #speed)": Read("too slow", "speed", "Globex", deal="40000 USD"),
    "too slow [#speed]": Read("too slow", "speed"),
    "(#pricing) too dear": Read("too dear", "pricing"),
    "too dear (#pricing) for three seats": Read("too dear for three seats", "pricing"),
    "#pricing: wants monthly": Read("wants monthly", "pricing"),
    "too expensive! #pricing @Globex.": Read("too expensive!", "pricing", "Globex"),
    "too expensive. #pricing. @Globex.": Read("too expensive.", "pricing", "Globex"),
    "Too expensive #pricing. Wants SSO @Globex": Read("Too expensive. Wants SSO", "pricing", "Globex"),
    "too expensive...#pricing": Read("too expensive...", "pricing"),
    "They can't see who changed what #audit-log #compliance @Globex": Read(
        "They can't see who changed what", "audit-log", "Globex", others=("compliance",)
    ),
    "#a#b slow": Read("slow", "a", others=("b",)),
    "too slow @Globex $40k #speed #api #limits": Read(
        "too slow", "speed", "Globex", deal="40000 USD", others=("api", "limits")
    ),
    "worth a look, they said #praise @Globex": Read("worth a look, they said", "praise", "Globex"),
    "is there an API? @Globex #api": Read("is there an API?", "api", "Globex", kind="question"),
    "no SSO, $40k @Globex": Read("no SSO", account="Globex", deal="40000 USD"),
}

MARKS_WITHIN_A_SENTENCE = {
    "lost the deal at @Globex because of SSO": Read(
        "lost the deal at Globex because of SSO", account="Globex", kind="lost_reason"
    ),
    "lost the deal at @Globex because of #sso": Read(
        "lost the deal at Globex because of sso", "sso", "Globex", kind="lost_reason"
    ),
    "lost the deal at @Globex": Read("lost the deal at Globex", account="Globex", kind="lost_reason"),
    "lost it to Rivalsoft at @Globex #sso": Read(
        "lost it to Rivalsoft at Globex", "sso", "Globex", "Rivalsoft", kind="lost_reason"
    ),
    "#pricing is too high": Read("pricing is too high", "pricing"),
    "#pricing is too high @Globex": Read("pricing is too high", "pricing", "Globex"),
    "@Globex says the dashboard is slow": Read("Globex says the dashboard is slow", account="Globex"),
    "@Globex wants SSO #sso": Read("Globex wants SSO", "sso", "Globex"),
    "@Globex's CFO won't sign": Read("Globex's CFO won't sign", account="Globex"),
    "call with @Globex about #pricing went badly": Read(
        "call with Globex about pricing went badly", "pricing", "Globex"
    ),
    "they want #sso": Read("they want sso", "sso"),
    "they want #sso @Globex": Read("they want sso", "sso", "Globex"),
    "the #api has no webhooks @Globex": Read("the api has no webhooks", "api", "Globex"),
    "no #sso, no deal": Read("no sso, no deal", "sso"),
    "problem is #pricing": Read("problem is pricing", "pricing"),
    "meeting with @Globex and @Initech on #pricing": Read(
        "meeting with Globex and Initech on pricing", "pricing", "Globex"
    ),
    "slow @Globex, less so @Initech": Read("slow Globex, less so Initech", account="Globex"),
    "at @Globex #pricing beats features every time": Read(
        "at Globex pricing beats features every time", "pricing", "Globex"
    ),
    "the team @Globex Nordics loves the new UI": Read(
        "the team Globex Nordics loves the new UI", account="Globex Nordics", kind="praise"
    ),
    "slow @Globex/Initech": Read("slow Globex/Initech", account="Globex"),
    "they run our #c++ SDK in prod": Read("they run our c++ SDK in prod", "c++"),
    "pain: exports from @Globex take hours": Read(
        "exports from Globex take hours", account="Globex", kind="pain_point"
    ),
}

SEPARATORS = {
    "too expensive | #pricing | @Globex | $40k": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "@Globex | too slow | #speed": Read("too slow", "speed", "Globex"),
    "no SSO | too slow | @Globex": Read("no SSO | too slow", account="Globex"),
    "#pricing|@Globex|$40k|too expensive": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "too expensive · #pricing · @Globex": Read("too expensive", "pricing", "Globex"),
    "too expensive • #pricing • @Globex": Read("too expensive", "pricing", "Globex"),
    "too expensive; #pricing; @Globex; $40k": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "too expensive / #pricing / @Globex / $40k": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "too expensive - #pricing - @Globex - $40k": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "too expensive — #pricing — @Globex — $40k": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "too expensive,#pricing": Read("too expensive", "pricing"),
    "too expensive,#pricing,@Globex,$40k": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "too expensive:#pricing": Read("too expensive", "pricing"),
    "too expensive -> #pricing": Read("too expensive", "pricing"),
    "too expensive → @Globex": Read("too expensive", account="Globex"),
    "too expensive\n#pricing\n@Globex\n$40k": Read("too expensive", "pricing", "Globex", deal="40000 USD"),
    "@Globex\nno SSO #sso\ntoo slow #speed": Read("no SSO too slow", "sso", "Globex", others=("speed",)),
    "line one #a\nline two": Read("line one line two", "a"),
    "too expensive#pricing": Read("too expensive#pricing"),
    "too slow/#speed/@Globex": Read("too slow", "speed", "Globex"),
    "gap: no SSO | @Globex | $40k ARR": Read(
        "no SSO", account="Globex", deal="40000 USD", more="$40k ARR", kind="feature_gap"
    ),
    "Account: @Globex | Deal: $40k | too slow": Read(
        "Account: Globex | Deal: $40k | too slow", account="Globex", deal="40000 USD"
    ),
}

MONEY = {
    "too dear £12k/yr @Globex": Read("too dear", account="Globex", deal="12000 GBP", more="£12k/yr"),
    "too dear $40k p.a.": Read("too dear", deal="40000 USD", more="$40k p.a."),
    "too dear $40k p.a. @Globex": Read("too dear", account="Globex", deal="40000 USD", more="$40k p.a."),
    "zu teuer @Globex 40k€/Jahr": Read("zu teuer", account="Globex", deal="40000 EUR", more="40k€/Jahr"),
    "zu teuer @Globex 40.000 € pro Jahr": Read(
        "zu teuer", account="Globex", deal="40000 EUR", more="40.000 € pro Jahr"
    ),
    "trop cher @Globex 30 000 € par an": Read("trop cher", account="Globex", deal="30000 EUR", more="30 000 € par an"),
    "muy caro @Globex 30.000 € al año": Read("muy caro", account="Globex", deal="30000 EUR", more="30.000 € al año"),
    "too dear $40k ARR @Globex": Read("too dear", account="Globex", deal="40000 USD", more="$40k ARR"),
    "too dear $120k TCV": Read("too dear", deal="120000 USD", more="$120k TCV"),
    "too dear $40k a year": Read("too dear", deal="40000 USD", more="$40k a year"),
    "too dear 40 000 €": Read("too dear", deal="40000 EUR"),
    "för dyrt @Globex 1 200 000 SEK": Read("för dyrt", account="Globex", deal="1200000 SEK"),
    "too dear ~$40k": Read("too dear", deal="40000 USD", more="~$40k"),
    "too dear $40k+": Read("too dear", deal="40000 USD", more="$40k+"),
    "too dear £40k+VAT": Read("too dear", deal="40000 GBP", more="£40k+VAT"),
    "too dear, £40k + VAT @Globex": Read("too dear", account="Globex", deal="40000 GBP", more="£40k + VAT"),
    "zu teuer ca. 40k € @Globex": Read("zu teuer", account="Globex", deal="40000 EUR", more="ca. 40k €"),
    "zu teuer 40.000 € zzgl. MwSt.": Read("zu teuer", deal="40000 EUR", more="40.000 € zzgl. MwSt."),
    "trop cher 40 000 € HT": Read("trop cher", deal="40000 EUR", more="40 000 € HT"),
    "zu teuer 40.000,- €": Read("zu teuer", deal="40000 EUR"),
    "zu teuer 40.000,-- EUR": Read("zu teuer", deal="40000 EUR"),
    "trop cher 40 000 €HT": Read("trop cher", deal="40000 EUR", more="40 000 €HT"),
    "troppo caro 40.000 € iva inclusa": Read("troppo caro", deal="40000 EUR", more="40.000 € iva inclusa"),
    "moc drahé 9 800 Kč": Read("moc drahé", deal="9800 CZK"),
    "terlalu mahal Rp 31.500.000": Read("terlalu mahal", deal="31500000 IDR"),
    "дорого 2 285,81 грн.": Read("дорого", deal="2285.81 UAH"),
    "too slow RM 40k": Read("too slow", deal="40000 MYR"),
    "too slow 40k€": Read("too slow", deal="40000 EUR"),
    "too slow EUR 40k": Read("too slow", deal="40000 EUR"),
    "too slow 40k EUR": Read("too slow", deal="40000 EUR"),
    "too slow 40k eur": Read("too slow", deal="40000 EUR"),
    "too slow €40.000": Read("too slow", deal="40000 EUR"),
    "too slow 40.000,50 €": Read("too slow", deal="40000.50 EUR"),
    "zu langsam CHF 40'000": Read("zu langsam", deal="40000 CHF"),
    "zu langsam 40’000 CHF": Read("zu langsam", deal="40000 CHF"),
    "zu teuer 1,2 Mio. €": Read("zu teuer", deal="1200000 EUR"),
    "zu teuer 120 T€": Read("zu teuer", deal="120000 EUR"),
    "zu teuer TEUR 120": Read("zu teuer", deal="120000 EUR"),
    "trop cher 40 k€": Read("trop cher", deal="40000 EUR"),
    "trop cher 1,2 M€": Read("trop cher", deal="1200000 EUR"),
    "za drogo 40 tys. zł": Read("za drogo", deal="40000 PLN"),
    "for dyrt 400 000 NOK": Read("for dyrt", deal="400000 NOK"),
    "för dyrt 400 000 kr": Read("för dyrt", deal="400000 SEK", home="SEK"),
    "for dyrt 400.000 kr.": Read("for dyrt", deal="400000 DKK", home="DKK"),
    "för dyrt i år 400 000 kr": Read("för dyrt i år 400 000 kr"),
    "muito caro R$ 50 mil": Read("muito caro", deal="50000 BRL"),
    "too slow ₹40 lakh": Read("too slow", deal="4000000 INR"),
    "too slow ₹4,00,000 @Globex": Read("too slow", account="Globex", deal="400000 INR"),
    "too slow Rs 4 lakh": Read("too slow", deal="400000 INR"),
    "too slow ₹1.5 crore": Read("too slow", deal="15000000 INR"),
    "too slow ¥4,000,000": Read("too slow", deal="4000000 JPY"),
    "too slow ¥400,000": Read("too slow", deal="400000 CNY", home="CNY"),
    "too slow A$40k": Read("too slow", deal="40000 AUD"),
    "too slow $40k CAD": Read("too slow", deal="40000 CAD"),
    "too slow $40k #speed": Read("too slow", "speed", deal="40000 CAD", home="CAD"),
    "too slow USD40k": Read("too slow", deal="40000 USD"),
    "too slow usd 40k": Read("too slow", deal="40000 USD"),
    "too slow $1.2m": Read("too slow", deal="1200000 USD"),
    "too slow $1.2M @Globex": Read("too slow", account="Globex", deal="1200000 USD"),
    "too slow $0.5m": Read("too slow", deal="500000 USD"),
    "too slow $40K": Read("too slow", deal="40000 USD"),
    "too slow $ 40k": Read("too slow", deal="40000 USD"),
    "too slow $40,000.00": Read("too slow", deal="40000 USD"),
    "too slow $40 000": Read("too slow", deal="40000 USD"),
    "too slow 40\u00a0000\u00a0€": Read("too slow", deal="40000 EUR"),
    "too slow 40\u202f000 €": Read("too slow", deal="40000 EUR"),
    "too slow $40k🔥": Read("too slow 🔥", deal="40000 USD"),
    "too slow $40k.": Read("too slow.", deal="40000 USD"),
    "too slow ($40k)": Read("too slow", deal="40000 USD"),
    "too slow 400k TRY": Read("too slow", deal="400000 TRY"),
    "too slow 40k quid": Read("too slow", deal="40000 GBP"),
    "too slow 40k dollars": Read("too slow", deal="40000 USD"),
    "too slow $999,999,999,999": Read("too slow", deal="999999999999 USD"),
    "worth $40k @Globex": Read("worth $40k", account="Globex", deal="40000 USD"),
    "a $40k deal, and no SSO": Read("a $40k deal, and no SSO", deal="40000 USD"),
    "lost a $40k deal to Rivalsoft": Read(
        "lost a $40k deal to Rivalsoft", competitor="Rivalsoft", deal="40000 USD", kind="lost_reason"
    ),
    "no SSO, deal size $40k": Read("no SSO, deal size $40k", deal="40000 USD"),
    "no SSO, deal: $40k": Read("no SSO, deal: $40k", deal="40000 USD"),
    "lost @Globex $40k to Rivalsoft": Read(
        "lost Globex $40k to Rivalsoft", account="Globex", competitor="Rivalsoft", deal="40000 USD", kind="lost_reason"
    ),
    "lost @Globex ($40k) to Rivalsoft": Read(
        "lost Globex to Rivalsoft", account="Globex", competitor="Rivalsoft", deal="40000 USD", kind="lost_reason"
    ),
    "$40k/yr @Globex says too expensive": Read(
        "Globex says too expensive", account="Globex", deal="40000 USD", more="$40k/yr"
    ),
    "高すぎる @Globex 年間400万円": Read("高すぎる", account="Globex", deal="4000000 JPY", more="年間400万円"),
    "too slow @Globex $120k/3 years": Read("too slow", account="Globex", deal="120000 USD", more="$120k/3 years"),
    "Customer wants SCIM - $80k ACV deal at risk @Globex": Read(
        "Customer wants SCIM - $80k ACV deal at risk", account="Globex", deal="80000 USD", more="$80k ACV"
    ),
    "churned @Globex $40k → Rivalsoft": Read(
        "churned → Rivalsoft", account="Globex", competitor="Rivalsoft", deal="40000 USD"
    ),
    "lost $40k ARR over SSO @Globex": Read(
        "lost $40k ARR over SSO", account="Globex", deal="40000 USD", more="$40k ARR", kind="lost_reason"
    ),
}

MONEY_THAT_IS_NOT_THE_DEALS = {
    "@Globex - CFO says $40k is over budget": Read("CFO says $40k is over budget", account="Globex"),
    "too expensive ($40k vs $25k for Rivalsoft) @Globex": Read(
        "too expensive ($40k vs $25k for Rivalsoft)", account="Globex", competitor="Rivalsoft"
    ),
    "Rivalsoft at $25k beats us @Globex": Read("Rivalsoft at $25k beats us", account="Globex", competitor="Rivalsoft"),
    "they'd pay $20k max @Globex": Read("they'd pay $20k max", account="Globex"),
    "€1,5k setup fee is a blocker @Globex": Read("€1,5k setup fee is a blocker", account="Globex"),
    "$40k too high": Read("$40k too high"),
    "$40k too expensive": Read("$40k too expensive"),
    "$40k is too high @Globex": Read("$40k is too high", account="Globex"),
    "too expensive at $40k": Read("too expensive at $40k"),
    "company does $500m revenue": Read("company does $500m revenue"),
    "company does $500m revenue @Globex $40k": Read("company does $500m revenue", account="Globex", deal="40000 USD"),
    "company does $500m": Read("company does $500m"),
    "they pay Rivalsoft $30k today": Read("they pay Rivalsoft $30k today", competitor="Rivalsoft"),
    "they pay Rivalsoft $30k": Read("they pay Rivalsoft $30k", competitor="Rivalsoft"),
    "they pay Rivalsoft $30k @Globex $40k": Read(
        "they pay Rivalsoft $30k", account="Globex", competitor="Rivalsoft", deal="40000 USD"
    ),
    "just raised $20m": Read("just raised $20m"),
    "just raised $20m @Globex": Read("just raised $20m", account="Globex"),
    "costs $5 a seat": Read("costs $5 a seat"),
    "$5/seat is a lot @Globex": Read("$5/seat is a lot", account="Globex"),
    "OmniHaul is $12/user/month @Globex": Read("OmniHaul is $12/user/month", account="Globex", competitor="OmniHaul"),
    "budget is $30k": Read("budget is $30k"),
    "budget: $30k @Globex": Read("budget: $30k", account="Globex"),
    "no API @Globex $5k/mo": Read("no API $5k/mo", account="Globex"),
    "no API @Globex $5k MRR": Read("no API $5k MRR", account="Globex"),
    "zu teuer 5k€ im Monat": Read("zu teuer 5k€ im Monat"),
    "price $40-50k @Globex": Read("price $40-50k", account="Globex"),
    "somewhere between $40k and $50k": Read("somewhere between $40k and $50k"),
    "$5k less than us @Globex": Read("$5k less than us", account="Globex"),
    "Rivalsoft offers 30k off #pricing": Read("Rivalsoft offers 30k off", "pricing", competitor="Rivalsoft"),
    "kostet 40k €": Read("kostet 40k €"),
    "40k is too much": Read("40k is too much"),
    "they pay $30k, we ask $40k": Read("they pay $30k, we ask $40k"),
    "too slow $40k €50k": Read("too slow $40k €50k"),
    "40k XXQ too much": Read("40k XXQ too much"),
    "too slow -$40k": Read("too slow -$40k"),
}

ACCOUNTS = {
    "no SSO @L'Oréal": Read("no SSO", account="L'Oréal"),
    "no SSO @Müller & Söhne GmbH": Read("no SSO", account="Müller & Söhne GmbH"),
    "too slow @Procter & Gamble says": Read("too slow Procter & Gamble says", account="Procter & Gamble"),
    "@Ernst & Young too slow": Read("too slow", account="Ernst & Young"),
    "no SSO @Ernst & young people": Read("no SSO Ernst & young people", account="Ernst"),
    "trop cher @Société Générale 40k€": Read("trop cher", account="Société Générale", deal="40000 EUR"),
    "no SSO @7-Eleven": Read("no SSO", account="7-Eleven"),
    "no SSO @Booking.com": Read("no SSO", account="Booking.com"),
    "cc @Ana @Globex no SSO": Read("cc @Ana Globex no SSO", account="Globex"),
    "no SSO @'Initech Systems'": Read("no SSO", account="Initech Systems"),
    'no SSO @"New Customer"': Read("no SSO", account="New Customer"),
    "no SSO @“New Customer”": Read("no SSO", account="New Customer"),
    "no SSO @‘New Customer’": Read("no SSO", account="New Customer"),
    "kein SSO @„Neue Kundin“": Read("kein SSO", account="Neue Kundin"),
    "pas de SSO @«Nouveau Client»": Read("pas de SSO", account="Nouveau Client"),
    "pas de SSO @« Nouveau Client »": Read("pas de SSO", account="Nouveau Client"),
    "SSOがない @「新しい会社」": Read("SSOがない", account="新しい会社"),
    "no SSO @[New Customer]": Read("no SSO", account="New Customer"),
    "no SSO @Globex(UK)": Read("no SSO Globex(UK)", account="Globex"),
    "no SSO @Hooli(UK)": Read("no SSO", account="Hooli (UK)"),
    "no SSO @globex": Read("no SSO", account="Globex"),
    "no SSO @GLOBEX NORDICS": Read("no SSO", account="Globex Nordics"),
    "no SSO @Globex-Nordics": Read("no SSO", account="Globex Nordics"),
    "no SSO @procter & gamble": Read("no SSO", account="Procter & Gamble"),
    "no SSO @AT&T": Read("no SSO", account="AT&T"),
    "no SSO @3M": Read("no SSO", account="3M"),
    "no SSO @Hooli": Read("no SSO", account="Hooli"),
    "no SSO @Summit Outdoor": Read("no SSO", account="Summit Outdoor"),
    "no SSO @Summit Outdoor $40k": Read("no SSO", account="Summit Outdoor", deal="40000 USD"),
    "no SSO @Hooli GmbH": Read("no SSO", account="Hooli GmbH"),
    "no SSO @Globex🔥": Read("no SSO 🔥", account="Globex"),
    "no SSO @ Globex": Read("no SSO", account="Globex"),
    "@colleague heard this too, no SSO @Globex": Read("@colleague heard this too, no SSO", account="Globex"),
    "@Ana heard this too, no SSO @Hooli": Read("@Ana heard this too, no SSO", account="Hooli"),
    "@Ana Ruiz heard this too @Hooli": Read("@Ana Ruiz heard this too", account="Hooli"),
    "no SSO, cc @colleague": Read("no SSO, cc @colleague"),
    "@Hooli not as keen as @Globex": Read("Hooli not as keen as Globex", account="Globex"),
    "cheaper than @Rivalsoft @Globex": Read("cheaper than Rivalsoft", account="Globex", competitor="Rivalsoft"),
    "lost vs @OmniHaul @Globex": Read("lost vs OmniHaul", account="Globex", competitor="OmniHaul", kind="lost_reason"),
    "joe@globex.com says no SSO #sso": Read("joe@globex.com says no SSO", "sso"),
    "call @3pm, no SSO": Read("call @3pm, no SSO"),
    "hi @channel no SSO @Globex": Read("hi @channel no SSO", account="Globex"),
    "<@U01ABC> says no SSO @Globex": Read("<@U01ABC> says no SSO", account="Globex"),
    "see https://globex.com/@team#plans @Globex": Read("see https://globex.com/@team#plans", account="Globex"),
    "no Hindi @मीरा": Read("no Hindi", account="मीरा"),
    "no Hindi @मोर": Read("no Hindi", account="मोर"),
    "нет SSO @Ёлка": Read("нет SSO", account="Ёлка"),
    "no SSO @Nestlé": Read("no SSO", account="Nestlé"),
    "no SSO @node.io": Read("no SSO", account="node.io"),
}

THEMES = {
    "slow #performance🔥": Read("slow 🔥", "performance"),
    "slow 🔥#performance": Read("slow 🔥", "performance"),
    "slow #performance :fire:": Read("slow :fire:", "performance"),
    "slow #performance:fire:": Read("slow :fire:", "performance"),
    "slow :+1::skin-tone-2: #performance @Globex": Read("slow :+1::skin-tone-2:", "performance", "Globex"),
    ":rotating_light: #performance @Globex slow": Read(":rotating_light: slow", "performance", "Globex"),
    "slow #C": Read("slow", "c"),
    "slow #C++": Read("slow", "c++"),
    "slow #C#": Read("slow", "c#"),
    "slow #r&d": Read("slow", "r-d"),
    "slow #Price_Model": Read("slow", "price-model"),
    "slow #2fa": Read("slow", "2fa"),
    "slow # performance": Read("slow", "performance"),
    "we are #1 here": Read("we are #1 here"),
    "ticket #42 still open": Read("ticket #42 still open"),
    "C# SDK is missing": Read("C# SDK is missing", kind="feature_gap"),
    "see #pricing/plans": Read("see #pricing/plans"),
    "slow #sécurité": Read("slow", "sécurité"),
    "zu teuer #Preise": Read("zu teuer", "preise"),
    "zu groß #Größe": Read("zu groß", "grösse"),
    "高すぎる #価格": Read("高すぎる", "価格"),
    "高すぎる＃価格": Read("高すぎる", "価格"),
    "महंगा #मूल्य।": Read("महंगा।", "मूल्य"),
    "дорого #цена @Globex": Read("дорого", "цена", "Globex"),
    "너무 비싸요 #가격 @Globex": Read("너무 비싸요", "가격", "Globex"),
    "太贵了 #价格 @Globex 40万元": Read("太贵了", "价格", "Globex", deal="400000 CNY"),
    "比华为贵 #价格": Read("比华为贵", "价格", competitor="华为"),
    "غالي جدا #السعر @Globex": Read("غالي جدا", "السعر", "Globex"),
    "غالي @Globex ٤٠ ألف دولار": Read("غالي", account="Globex", deal="40000 USD"),
    "יקר מדי #מחיר ₪40,000": Read("יקר מדי", "מחיר", deal="40000 ILS"),
    "แพงไป #ราคา @Globex": Read("แพงไป", "ราคา", "Globex"),
    "महंगा @Globex ₹४ लाख": Read("महंगा", account="Globex", deal="400000 INR"),
    "дорого @Globex 1,2 млн руб.": Read("дорого", account="Globex", deal="1200000 RUB"),
    "ａｐｉが遅い ＠Globex ＄４０ｋ": Read("ａｐｉが遅い", account="Globex", deal="40000 USD"),
}

KINDS = {
    "pain: exports take hours @Globex": Read("exports take hours", account="Globex", kind="pain_point"),
    "GAP: no SSO #sso": Read("no SSO", "sso", kind="feature_gap"),
    "praise： they love it": Read("they love it", kind="praise"),
    "lost: no budget, went with Rivalsoft @Globex $40k": Read(
        "no budget, went with Rivalsoft", account="Globex", competitor="Rivalsoft", deal="40000 USD", kind="lost_reason"
    ),
    "question: who owns the data? @Globex": Read("who owns the data?", account="Globex", kind="question"),
    "feature request: dark mode #ui": Read("dark mode", "ui", kind="feature_gap"),
    "pain in the neck #ui": Read("pain in the neck", "ui", kind="pain_point"),
    'she said "we only have $40k, #now" @Globex': Read('she said "we only have $40k, #now"', account="Globex"),
    "„zu teuer“ @Globex": Read("„zu teuer“", account="Globex"),
    "too dear vs. Hooli @Globex": Read("too dear vs. Hooli", account="Globex", competitor="Hooli"),
}

TABLES = {
    "marks at the ends": MARKS_AT_THE_ENDS,
    "marks within a sentence": MARKS_WITHIN_A_SENTENCE,
    "separators": SEPARATORS,
    "money": MONEY,
    "money that is not the deal's": MONEY_THAT_IS_NOT_THE_DEALS,
    "accounts": ACCOUNTS,
    "themes": THEMES,
    "kinds and quotes": KINDS,
}
