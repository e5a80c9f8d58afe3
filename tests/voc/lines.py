"""Lines as they reach us after `/voc`, as Slack sends them, and what is to be understood of each.

People, accounts and competitors are those of tests/domain/typed_lines.py, whose table is about marks in sentences. This
table is about what is around them: phones and their smart punctuation, shorthand, pasted mails, Slack's own escapes and
references, scripts, blanks that are no spaces, and what is asked about before it is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Typed:
    """What is understood. `text` is what a reader sees; `came`: what Tandem does with the line at once.

    "asked": whether to log it; "theme" and "competitor": shown what is known of it; "marks": sent back: there are no
    words.
    """

    text: str
    came: Literal["logged", "asked", "theme", "competitor", "marks"] = "logged"
    kind: str = "objection"
    theme: str | None = None
    others: tuple[str, ...] = ()
    account: str | None = None
    competitor: str | None = None
    deal: str | None = None
    quote: str | None = None


PHONES_AND_SMART_PUNCTUATION = {
    "they said it’s “way too pricey” #pricing": Typed(
        "they said it’s “way too pricey”", theme="pricing", quote="way too pricey"
    ),
    "“We’ll wait til Q3” — CFO @Globex": Typed(
        "“We’ll wait til Q3” — CFO", account="Globex", quote="We’ll wait til Q3"
    ),
    "they’re not sold on the roadmap #roadmap": Typed("they’re not sold on the roadmap", theme="roadmap"),
    "don’t see the ROI yet #roi @Globex": Typed("don’t see the ROI yet", theme="roi", account="Globex"),
    "too expensive #Pricing 😬": Typed("too expensive 😬", theme="pricing"),
    "too expensive 😬😬 #pricing @Globex 💸": Typed("too expensive 😬😬 💸", theme="pricing", account="Globex"),
    "lost to Rivalsoft 😭 @Globex $40k": Typed(
        "lost to Rivalsoft 😭", account="Globex", competitor="Rivalsoft", deal="40000 USD", kind="lost_reason"
    ),
    "👍 loved the demo @Globex": Typed("👍 loved the demo", account="Globex", kind="praise"),
    "🔥🔥 SSO again": Typed("🔥🔥 SSO again"),
    ":fire: SSO again #sso": Typed(":fire: SSO again", theme="sso"),
}

SHORTHAND = {
    "price is to high for a smb w/ 3 seats": Typed("price is to high for a smb w/ 3 seats"),
    "cust says 2 expensive 4 what it does": Typed("cust says 2 expensive 4 what it does"),
    "too $$$ #pricing": Typed("too $$$", theme="pricing"),
    "$$ issue @Globex": Typed("$$ issue", account="Globex"),
    "pricey!!! #pricing!!!": Typed("pricey!!!", theme="pricing"),
    "no budget till FY27 @Globex": Typed("no budget till FY27", account="Globex"),
    "no budget 'til Q1 2027 #budget": Typed("no budget 'til Q1 2027", theme="budget"),
    "budget freeze til jan, circle back @Globex $25k #timing": Typed(
        "budget freeze til jan, circle back", theme="timing", account="Globex", deal="25000 USD"
    ),
    "champion left @Globex, deal stalled #stall": Typed(
        "champion left Globex, deal stalled", theme="stall", account="Globex"
    ),
    "gone dark after the demo @Globex": Typed("gone dark after the demo", account="Globex"),
    "ghosted since 12/3 @Globex $18.5k": Typed("ghosted since 12/3", account="Globex", deal="18500 USD"),
    "legal wants a DPA + SOC2 before they sign #security @Globex": Typed(
        "legal wants a DPA + SOC2 before they sign", theme="security", account="Globex"
    ),
    "need SSO/SAML + SCIM #sso": Typed("need SSO/SAML + SCIM", theme="sso"),
}

ESCAPED_BY_SLACK = {
    "R&amp;D team hates the UI #ui": Typed("R&D team hates the UI", theme="ui", kind="pain_point"),
    "price &gt; value for them #pricing": Typed("price > value for them", theme="pricing"),
    "&lt;3 the onboarding @Globex": Typed("<3 the onboarding", account="Globex"),
    "response time &lt; 2s or no deal #sla @Globex": Typed(
        "response time < 2s or no deal", theme="sla", account="Globex"
    ),
}

KINDS = {
    "Q: does it work w/ Salesforce? @Globex #integration": Typed(
        "Q: does it work w/ Salesforce?", theme="integration", account="Globex", kind="question"
    ),
    "question: on-prem? @Globex": Typed("on-prem?", kind="question", account="Globex"),
    "gap: bulk edit @Globex": Typed("bulk edit", kind="feature_gap", account="Globex"),
    "Gap - bulk edit @Globex": Typed("Gap - bulk edit", account="Globex"),
    "lost: price": Typed("price", kind="lost_reason"),
    "lost: went w/ Rivalsoft, cheaper @Globex $60k": Typed(
        "went w/ Rivalsoft, cheaper", kind="lost_reason", account="Globex", competitor="Rivalsoft", deal="60000 USD"
    ),
    "praise: support is great!! @Globex": Typed("support is great!!", kind="praise", account="Globex"),
    "Pain: exports take hours #exports": Typed("exports take hours", kind="pain_point", theme="exports"),
    "pain point: 3 logins a day #sso": Typed("3 logins a day", kind="pain_point", theme="sso"),
    "competitor: Rivalsoft has it for free": Typed(
        "Rivalsoft has it for free", kind="competitor", competitor="Rivalsoft"
    ),
}

COMPETITORS = {
    "vs Rivalsoft: no offline mode @Globex": Typed(
        "vs Rivalsoft: no offline mode", account="Globex", competitor="Rivalsoft"
    ),
    "cheaper than rivalsoft @Globex": Typed("cheaper than rivalsoft", account="Globex", competitor="Rivalsoft"),
    "RIVALSOFT is 30% cheaper #pricing": Typed("RIVALSOFT is 30% cheaper", theme="pricing", competitor="Rivalsoft"),
    "Rivalsoft's UI is nicer #ui": Typed("Rivalsoft's UI is nicer", theme="ui", competitor="Rivalsoft"),
    "they use Rivalsofts tool today": Typed("they use Rivalsofts tool today"),
    "they compare us with Hooli & OmniHaul": Typed(
        "they compare us with Hooli & OmniHaul", competitor="OmniHaul", kind="competitor"
    ),
}

ACCOUNTS = {
    "Globex says no": Typed("Globex says no"),
    "@globex: no go": Typed("no go", account="Globex"),
    "@ Globex no budget": Typed("no budget", account="Globex"),
    "@Globex, @Initech both want SCIM #scim": Typed("Initech both want SCIM", theme="scim", account="Globex"),
    '@"Globex Nordics" too slow': Typed("too slow", account="Globex Nordics"),
    "@“Globex Nordics” too slow": Typed("too slow", account="Globex Nordics"),
    "@Globex_Nordics too slow": Typed("too slow", account="Globex Nordics"),
    "@GlobexNordics too slow": Typed("too slow", account="GlobexNordics"),
}

ADDRESSES = {
    "no sso @globex.com": Typed("no sso", account="globex.com"),
    "<mailto:jane.doe@globex.com|jane.doe@globex.com> says no budget": Typed("jane.doe@globex.com says no budget"),
    "jane@globex.com: too dear #pricing": Typed("jane@globex.com: too dear", theme="pricing"),
}

PASTED = {
    "From: Jane Doe &lt;<mailto:jane@globex.com|jane@globex.com>&gt; Subject: RE: Quote too high": Typed(
        "From: Jane Doe <jane@globex.com> Subject: RE: Quote too high"
    ),
    "&gt; we can't go above 20k\nso: budget @Globex": Typed("> we can't go above 20k so: budget", account="Globex"),
    "Hi team,\n\nThe price is too high for us.\n\nBest,\nJane #pricing": Typed(
        "Hi team, The price is too high for us. Best, Jane", theme="pricing"
    ),
    "- too slow\n- too dear\n- no SSO\n@Globex": Typed("- too slow - too dear - no SSO", account="Globex"),
    "1. too slow 2. no SSO @Globex": Typed("1. too slow 2. no SSO", account="Globex"),
}

QUOTED = {
    '"too slow" and "too dear" @Globex': Typed('"too slow" and "too dear"', account="Globex", quote="too slow"),
    '"We\'re happy where we are." #status-quo @Globex': Typed(
        '"We\'re happy where we are."', theme="status-quo", account="Globex", quote="We're happy where we are."
    ),
    "'we have no time' #timing": Typed("'we have no time'", theme="timing"),
    "‘we have no time’ #timing": Typed("‘we have no time’", theme="timing"),
    "«trop cher pour nous» #prix @Globex": Typed(
        "«trop cher pour nous»", theme="prix", account="Globex", quote="trop cher pour nous"
    ),
    "„Das ist uns zu teuer“ #preis @Globex": Typed(
        "„Das ist uns zu teuer“", theme="preis", account="Globex", quote="Das ist uns zu teuer"
    ),
    '"das können wir selber bauen" #inhouse': Typed(
        '"das können wir selber bauen"', theme="inhouse", quote="das können wir selber bauen"
    ),
    'quote: "not a priority this year" @Globex #priority': Typed(
        'quote: "not a priority this year"', theme="priority", account="Globex", quote="not a priority this year"
    ),
    'CFO: "show me payback &lt; 12 mo" @Globex #roi $120k ARR': Typed(
        'CFO: "show me payback < 12 mo"',
        theme="roi",
        account="Globex",
        deal="120000 USD",
        quote="show me payback < 12 mo",
    ),
    'they said "no': Typed('they said "no'),
    'they said no" and left': Typed('they said no" and left'),
    "5\" screens aren't supported #mobile": Typed("5\" screens aren't supported", theme="mobile"),
}

NUMBERS_IN_A_SENTENCE = {
    "says it's 10x too slow #performance": Typed("says it's 10x too slow", theme="performance"),
    "takes 3-5 days to onboard #onboarding": Typed("takes 3-5 days to onboard", theme="onboarding"),
    "24/7 support is a must #support @Globex": Typed("24/7 support is a must", theme="support", account="Globex"),
    "wants 99.99% SLA #sla @Globex $200k": Typed("wants 99.99% SLA", theme="sla", account="Globex", deal="200000 USD"),
    "too slow @ 3pm each day": Typed("too slow @ 3pm each day"),
    "ETA? #roadmap": Typed("ETA?", theme="roadmap", kind="question"),
}

ASKED = {
    "n/a": Typed("n/a", came="asked"),
    "ok": Typed("ok", came="asked"),
    "test": Typed("test", came="asked"),
    "...": Typed("...", came="asked"),
    "?": Typed("?", came="asked", kind="question"),
    "help": Typed("help", came="asked"),
    "help?": Typed("help?", came="asked", kind="question"),
    "/help": Typed("/help", came="asked"),
    "--help": Typed("--help", came="asked"),
    "—help": Typed("—help", came="asked"),
    "list all": Typed("list all", came="asked"),
    "list themes": Typed("list themes", came="asked"),
    "show themes": Typed("show themes", came="asked"),
    "search pricing": Typed("search pricing", came="asked"),
    'search "pricing"': Typed('search "pricing"', quote="pricing"),
    "find globex": Typed("find globex", came="asked"),
    "undo last": Typed("undo last", came="asked"),
    "delete": Typed("delete", came="asked"),
    "delete #pricing": Typed("delete", theme="pricing"),
    "remove my last item": Typed("remove my last item", came="asked"),
    "themes": Typed("themes", came="asked"),
    "theme pricing": Typed("theme pricing", came="asked"),
}

THEMES = {
    "#pricing": Typed("", came="theme", theme="pricing"),
    "#Pricing": Typed("", came="theme", theme="pricing"),
    "# pricing": Typed("", came="theme", theme="pricing"),
    "#pricing?": Typed("", came="theme", theme="pricing"),
    "##pricing": Typed("##pricing", came="asked"),
    "#price model": Typed("model", theme="price"),
    "#price-model": Typed("", came="theme", theme="price-model"),
    "#price_model too complex": Typed("too complex", theme="price-model"),
    "#pricing #budget": Typed("", came="marks", theme="pricing", others=("budget",)),
    "#pricing too dear": Typed("too dear", theme="pricing"),
    "#pricing: too dear": Typed("too dear", theme="pricing"),
    "too dear (#pricing)": Typed("too dear", theme="pricing"),
    "too dear #pricing,#budget": Typed("too dear", theme="pricing", others=("budget",)),
    "too dear #pricing/#budget": Typed("too dear", theme="pricing", others=("budget",)),
    "too dear #pricing & #budget": Typed("too dear", theme="pricing", others=("budget",)),
    "too dear #pricing.": Typed("too dear.", theme="pricing"),
    "too dear #pricing…": Typed("too dear…", theme="pricing"),
    "it's #1 on their list": Typed("it's #1 on their list"),
    "issue #4521 still open @Globex": Typed("issue #4521 still open", account="Globex"),
    "C# SDK missing #sdk": Typed("C# SDK missing sdk", theme="sdk", kind="feature_gap"),
    "#C# SDK missing": Typed("SDK missing", theme="c#", kind="feature_gap"),
    "no dark-mode #ui-ux": Typed("no dark-mode", theme="ui-ux"),
    "no dark mode #ui/ux": Typed("no dark mode #ui/ux"),
    "too dear # pricing": Typed("too dear", theme="pricing"),
    "too dear ＃pricing ＠Globex": Typed("too dear", theme="pricing", account="Globex"),
}

REFERENCES = {
    "too dear <#C024BE7LR|pricing>": Typed("too dear", theme="pricing"),
    "cc <@U012AB3CD|ana> too dear @Globex": Typed("cc ana too dear", account="Globex"),
    "<@U012AB3CD> heard it too #sso": Typed("<@U012AB3CD> heard it too", theme="sso"),
    "<!here> too dear": Typed("<!here> too dear"),
    "see <https://globex.zendesk.com/t/123|ticket> too slow #speed": Typed(
        "see ticket (https://globex.zendesk.com/t/123) too slow", theme="speed"
    ),
    "see <https://globex.com/pricing#plans|https://globex.com/pricing#plans> cheaper @Globex": Typed(
        "see https://globex.com/pricing#plans cheaper", account="Globex"
    ),
    "call <tel:+14155550100|+1 415 555 0100> back re pricing": Typed("call +1 415 555 0100 back re pricing"),
}

MONEY = {
    "too dear $40K @Globex": Typed("too dear", account="Globex", deal="40000 USD"),
    "too dear 40k$ @Globex": Typed("too dear", account="Globex", deal="40000 USD"),
    "too dear 40k @Globex": Typed("too dear 40k", account="Globex"),
    "too dear USD 40,000 @Globex": Typed("too dear", account="Globex", deal="40000 USD"),
    "too dear $40,000/yr @Globex": Typed("too dear", account="Globex", deal="40000 USD"),
    "too dear 40.000€ @Globex": Typed("too dear", account="Globex", deal="40000 EUR"),
    "too dear 40 000 € @Globex": Typed("too dear", account="Globex", deal="40000 EUR"),
    "too dear £40k @Globex": Typed("too dear", account="Globex", deal="40000 GBP"),
    "too dear CHF 40'000.- @Globex": Typed("too dear", account="Globex", deal="40000 CHF"),
    "too dear ₹40L @Globex": Typed("too dear", account="Globex", deal="4000000 INR"),
    "too dear $1.2M @Globex": Typed("too dear", account="Globex", deal="1200000 USD"),
    "too dear $1,2M @Globex": Typed("too dear", account="Globex", deal="1200000 USD"),
    "too dear (~$40k) @Globex": Typed("too dear", account="Globex", deal="40000 USD"),
    "too dear, deal is $40k @Globex": Typed("too dear, deal is $40k", account="Globex", deal="40000 USD"),
    "too dear, ACV 40k USD @Globex": Typed("too dear, ACV 40k USD", account="Globex", deal="40000 USD"),
    "too dear $40k-$60k @Globex": Typed("too dear $40k-$60k", account="Globex"),
    "too dear 10% discount asked @Globex $40k": Typed(
        "too dear 10% discount asked", account="Globex", deal="40000 USD"
    ),
    "wants 2 mo free #discount @Globex $9.9k": Typed(
        "wants 2 mo free", theme="discount", account="Globex", deal="9900 USD"
    ),
    "paid $30k for Rivalsoft @Globex": Typed("paid $30k for Rivalsoft", account="Globex", competitor="Rivalsoft"),
}

LANGUAGES = {
    "zu teuer": Typed("zu teuer"),
    "zu teuer für uns #preis": Typed("zu teuer für uns", theme="preis"),
    "kein Budget mehr dieses Jahr @Globex": Typed("kein Budget mehr dieses Jahr", account="Globex"),
    "pas de budget avant septembre @Globex 30 000 €": Typed(
        "pas de budget avant septembre", account="Globex", deal="30000 EUR"
    ),
    "c'est trop cher #prix": Typed("c'est trop cher", theme="prix"),
    "l'intégration est trop longue #intégration": Typed("l'intégration est trop longue", theme="intégration"),
    "demasiado caro para nosotros #precio": Typed("demasiado caro para nosotros", theme="precio"),
    "¿tiene SSO? @Globex": Typed("¿tiene SSO?", account="Globex", kind="question"),
    "¡muy lento! #velocidad": Typed("¡muy lento!", theme="velocidad"),
    "troppo caro #prezzo": Typed("troppo caro", theme="prezzo"),
    "muito caro p/ nós #preço R$ 50 mil": Typed("muito caro p/ nós", theme="preço", deal="50000 BRL"),
    "за дорого #цена": Typed("за дорого", theme="цена"),
    "нет бюджета до конца года @Globex": Typed("нет бюджета до конца года", account="Globex"),
    "价格太高了": Typed("价格太高了"),
    "價格太高 #價格": Typed("價格太高", theme="價格"),
    "高いと言われた @Globex": Typed("高いと言われた", account="Globex"),
    "너무 비싸요": Typed("너무 비싸요"),
    "너무 비싸요 #가격": Typed("너무 비싸요", theme="가격"),
    "ราคาแพงเกินไป": Typed("ราคาแพงเกินไป"),
    "غالي جدا": Typed("غالي جدا"),
    "السعر مرتفع #السعر @Globex": Typed("السعر مرتفع", theme="السعر", account="Globex"),
    "יקר מדי": Typed("יקר מדי"),
}

BLANKS = {
    "too dear\u00a0#pricing\u00a0@Globex": Typed("too dear", theme="pricing", account="Globex"),
    "too\u202fdear #pricing": Typed("too dear", theme="pricing"),
    "too dear\u200b #pricing": Typed("too dear", theme="pricing"),
    "\ufefftoo dear #pricing": Typed("too dear", theme="pricing"),
    "too dear\t#pricing\t@Globex": Typed("too dear", theme="pricing", account="Globex"),
    "  too   dear   #pricing  ": Typed("too dear", theme="pricing"),
    "TOO DEAR #PRICING @GLOBEX": Typed("TOO DEAR", theme="pricing", account="Globex"),
    "too dear#pricing": Typed("too dear#pricing"),
    "too dear @Globex#pricing": Typed("too dear", theme="pricing", account="Globex"),
    "too dear #pricing@Globex": Typed("too dear", theme="pricing", account="Globex"),
}

FORMATTED = {
    "too dear -- #pricing": Typed("too dear", theme="pricing"),
    "too dear — #pricing — @Globex": Typed("too dear", theme="pricing", account="Globex"),
    "too dear → #pricing": Typed("too dear", theme="pricing"),
    "too dear | @Globex | #pricing | $40k": Typed("too dear", theme="pricing", account="Globex", deal="40000 USD"),
    "*too dear* #pricing": Typed("*too dear*", theme="pricing"),
    "_too dear_ #pricing": Typed("_too dear_", theme="pricing"),
    "~too dear~ way too dear #pricing": Typed("~too dear~ way too dear", theme="pricing"),
    "`too dear` #pricing": Typed("`too dear`", theme="pricing"),
    "```too dear``` #pricing": Typed("```too dear```", theme="pricing"),
    "&amp;lt;b&amp;gt;too dear&amp;lt;/b&amp;gt; #pricing": Typed("&lt;b&gt;too dear&lt;/b&gt", theme="pricing"),
    "=SUM(A1) too dear #pricing": Typed("=SUM(A1) too dear", theme="pricing"),
    "+1 on SSO @Globex": Typed("+1 on SSO", account="Globex"),
    "-1 for the UI #ui": Typed("-1 for the UI", theme="ui"),
    "too dear \\o/ #pricing": Typed("too dear \\o", theme="pricing"),
    "¯\\_(ツ)_/¯ no idea why they left @Globex": Typed("¯\\_(ツ)_/¯ no idea why they left", account="Globex"),
}

CARELESS = {
    "Siri says to expensive #pricing": Typed("Siri says to expensive", theme="pricing"),
    "too dear period hashtag pricing": Typed("too dear period hashtag pricing"),
    "per my last email: still no SSO #sso": Typed("per my last email: still no SSO", theme="sso"),
    "fyi too dear": Typed("fyi too dear"),
    "tl;dr too complex #ux @Globex": Typed("tl;dr too complex", theme="ux", account="Globex"),
    "RE: FW: quote too high @Globex": Typed("RE: FW: quote too high", account="Globex"),
    "[Globex] too dear": Typed("[Globex] too dear"),
    "(Globex) too dear #pricing": Typed("(Globex) too dear", theme="pricing"),
    "Globex: too dear": Typed("Globex: too dear"),
    "Globex - too dear - $40k": Typed("Globex - too dear", deal="40000 USD"),
}

MIXED = {
    "too dear #pricing @Globex 40k€/Jahr": Typed("too dear", theme="pricing", account="Globex", deal="40000 EUR"),
    "Zu teuer!! @Globex #Preis 40 T€": Typed("Zu teuer!!", theme="preis", account="Globex", deal="40000 EUR"),
    "SSO?? @Globex": Typed("SSO??", account="Globex", kind="question"),
    "no SSO no deal @Globex": Typed("no SSO no deal", account="Globex"),
    "@globex wants sso. $40k. #sso": Typed("globex wants sso. $40k.", theme="sso", account="Globex"),
    "globex @ risk, no SSO #sso": Typed("globex @ risk, no SSO", theme="sso"),
    "cust @ Globex wants API #api": Typed("cust Globex wants API", theme="api", account="Globex"),
    "CTO@Globex wants API #api": Typed("CTO@Globex wants API", theme="api"),
    "$40k @Globex #pricing too dear": Typed("too dear", theme="pricing", account="Globex", deal="40000 USD"),
    "40k deal @Globex, no SSO": Typed("40k deal Globex, no SSO", account="Globex"),
    "we lost 💔 @Globex $40k → Rivalsoft": Typed(
        "we lost 💔 → Rivalsoft", account="Globex", competitor="Rivalsoft", deal="40000 USD", kind="lost_reason"
    ),
    "won't sign w/o SOC 2 #security @Globex": Typed("won't sign w/o SOC 2", theme="security", account="Globex"),
    "#1 ask is SSO @Globex": Typed("#1 ask is SSO", account="Globex"),
    "hates #pricing, loves #support @Globex": Typed(
        "hates pricing, loves support", theme="pricing", others=("support",), account="Globex"
    ),
    "“too dear” says CFO #pricing @Globex": Typed(
        "“too dear” says CFO", theme="pricing", account="Globex", quote="too dear"
    ),
    "customers love #onboarding @Globex": Typed(
        "customers love onboarding", theme="onboarding", account="Globex", kind="praise"
    ),
}

TABLES = {
    "phones and smart punctuation": PHONES_AND_SMART_PUNCTUATION,
    "shorthand": SHORTHAND,
    "escaped by slack": ESCAPED_BY_SLACK,
    "kinds": KINDS,
    "competitors": COMPETITORS,
    "accounts": ACCOUNTS,
    "addresses": ADDRESSES,
    "pasted": PASTED,
    "quoted": QUOTED,
    "numbers in a sentence": NUMBERS_IN_A_SENTENCE,
    "asked": ASKED,
    "themes": THEMES,
    "references": REFERENCES,
    "money": MONEY,
    "languages": LANGUAGES,
    "blanks": BLANKS,
    "formatted": FORMATTED,
    "careless": CARELESS,
    "mixed": MIXED,
}
