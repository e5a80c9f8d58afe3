"""Lines with a competitor after a `!`, and lines whose exclamation marks are nothing else: a part of the table.

People, accounts and competitors are those of tests/voc/lines.py.
"""

from __future__ import annotations

from tests.voc.lines import Typed

APART = {
    "too dear !Rivalsoft": Typed("too dear", competitor="Rivalsoft"),
    "too dear #pricing @Globex !Rivalsoft $40k": Typed(
        "too dear", theme="pricing", account="Globex", competitor="Rivalsoft", deal="40000 USD"
    ),
    "!rivalsoft @Globex #pricing too dear for three seats": Typed(
        "too dear for three seats", theme="pricing", account="Globex", competitor="Rivalsoft"
    ),
    "!rivalsoft: no offline mode @Globex": Typed("no offline mode", account="Globex", competitor="Rivalsoft"),
    "!Rivalsoft - no offline mode": Typed("no offline mode", competitor="Rivalsoft"),
    "(!Rivalsoft) too dear #pricing": Typed("too dear", theme="pricing", competitor="Rivalsoft"),
    "too dear (!OmniHaul, #pricing)": Typed("too dear", theme="pricing", competitor="OmniHaul"),
    "too dear | !Rivalsoft | #pricing": Typed("too dear", theme="pricing", competitor="Rivalsoft"),
    "no SSO @Globex !hubspot": Typed("no SSO", account="Globex", competitor="hubspot"),
    "no SSO #sso !HubSpot": Typed("no SSO", theme="sso", competitor="HubSpot"),
    'no SSO #sso !"Rival Soft"': Typed("no SSO", theme="sso", competitor="Rival Soft"),
    "pain: !Rivalsoft import breaks #import": Typed(
        "import breaks", kind="pain_point", theme="import", competitor="Rivalsoft"
    ),
}

IN_THE_SENTENCE = {
    "it went to !Rivalsoft on price": Typed(
        "it went to Rivalsoft on price", competitor="Rivalsoft", kind="lost_reason"
    ),
    "they use !Rivalsoft today": Typed("they use Rivalsoft today", competitor="Rivalsoft"),
    "they use !Rivalsoft": Typed("they use Rivalsoft", competitor="Rivalsoft"),
    "they prefer !Rivalsoft @Globex #ui": Typed(
        "they prefer Rivalsoft", theme="ui", account="Globex", competitor="Rivalsoft"
    ),
    "switching from !HubSpot @Globex": Typed("switching from HubSpot", account="Globex", competitor="HubSpot"),
    "moved to !hubspot last year": Typed("moved to hubspot last year", competitor="hubspot"),
    "moved to !6sense": Typed("moved to 6sense", competitor="6sense"),
    "moved to !monday.com @Globex": Typed("moved to monday.com", account="Globex", competitor="monday.com"),
    "moved to !<http://monday.com|monday.com> @Globex": Typed(
        "moved to monday.com", account="Globex", competitor="monday.com"
    ),
    "they chose !SAP @Globex": Typed("they chose SAP", account="Globex", competitor="SAP", kind="lost_reason"),
    "!Rivalsoft is 30% cheaper #pricing": Typed("Rivalsoft is 30% cheaper", theme="pricing", competitor="Rivalsoft"),
    "!Rivalsoft's UI is nicer #ui": Typed("Rivalsoft's UI is nicer", theme="ui", competitor="Rivalsoft"),
    "!Rivalsoft’s UI is nicer #ui": Typed("Rivalsoft’s UI is nicer", theme="ui", competitor="Rivalsoft"),
    "@Globex: !Rivalsoft quoted 30% less #pricing": Typed(
        "Rivalsoft quoted 30% less", theme="pricing", account="Globex", competitor="Rivalsoft"
    ),
    "no SSO, !rivalsoft has it #sso @Globex": Typed(
        "no SSO, rivalsoft has it", theme="sso", account="Globex", competitor="Rivalsoft"
    ),
    "vs !Rivalsoft: no offline mode @Globex": Typed(
        "vs Rivalsoft: no offline mode", account="Globex", competitor="Rivalsoft"
    ),
    '!"Rival Soft" is cheaper': Typed("Rival Soft is cheaper", competitor="Rival Soft"),
    "!“Rival Soft” has it for free": Typed("Rival Soft has it for free", competitor="Rival Soft"),
    'cheaper at !"Rival Soft" @Globex': Typed("cheaper at Rival Soft", account="Globex", competitor="Rival Soft"),
    "they went with !Acme Cloud @Globex": Typed(
        "they went with Acme Cloud", account="Globex", competitor="Acme Cloud", kind="lost_reason"
    ),
    "they went with !Rival on price": Typed("they went with Rival on price", competitor="Rival", kind="lost_reason"),
    "sie nutzen !Rivalsoft @Globex": Typed("sie nutzen Rivalsoft", account="Globex", competitor="Rivalsoft"),
    "ils utilisent !Rivalsoft": Typed("ils utilisent Rivalsoft", competitor="Rivalsoft"),
    "prefieren !Rivalsoft por precio": Typed("prefieren Rivalsoft por precio", competitor="Rivalsoft"),
    "！Rivalsoft is cheaper": Typed("Rivalsoft is cheaper", competitor="Rivalsoft"),
    "客户更喜欢 !华为 @Globex": Typed("客户更喜欢", account="Globex", competitor="华为"),
}

SEVERAL = {
    "comparing !Rivalsoft and !OmniHaul @Globex": Typed(
        "comparing Rivalsoft and OmniHaul", account="Globex", competitor="Rivalsoft"
    ),
    "!Rivalsoft, !OmniHaul both cheaper": Typed("OmniHaul both cheaper", competitor="Rivalsoft"),
    "shortlist is !HubSpot, !Rivalsoft": Typed(
        "shortlist is HubSpot, Rivalsoft", competitor="HubSpot", kind="competitor"
    ),
    "!HubSpot beats Rivalsoft on price": Typed("HubSpot beats Rivalsoft on price", competitor="HubSpot"),
    "too dear !Rivalsoft !rivalsoft": Typed("too dear", competitor="Rivalsoft"),
}

NO_COMPETITOR = {
    "wow! they want it all @Globex": Typed("wow! they want it all", account="Globex"),
    "!!! no SSO #sso": Typed("!!! no SSO", theme="sso"),
    "no SSO!!! @Globex": Typed("no SSO!!!", account="Globex"),
    "no SSO ! @Globex": Typed("no SSO !", account="Globex"),
    "no SSO !important": Typed("no SSO !important"),
    "!important no SSO @Globex": Typed("!important no SSO", account="Globex"),
    "!Important: they need SSO @Globex": Typed("!Important: they need SSO", account="Globex"),
    "!URGENT no SSO @Globex": Typed("!URGENT no SSO", account="Globex"),
    "SSO !working @Globex": Typed("SSO !working", account="Globex"),
    "price != value #pricing": Typed("price != value", theme="pricing"),
    "really !? too dear #pricing": Typed("really !? too dear", theme="pricing"),
    "trop cher ! #prix": Typed("trop cher !", theme="prix"),
    "trop cher !Ils partent": Typed("trop cher !Ils partent"),
    "wichtig! kein SSO": Typed("wichtig! kein SSO"),
    "! wichtig kein SSO": Typed("! wichtig kein SSO"),
    "¡ojo! no hay SSO @Globex": Typed("¡ojo! no hay SSO", account="Globex"),
    "太贵了！Globex 说": Typed("太贵了！Globex 说"),
    '"no way !" then "too dear" @Globex': Typed('"no way !" then "too dear"', account="Globex", quote="no way !"),
    "&lt;!-- note --&gt; too dear #pricing": Typed("<!-- note --> too dear", theme="pricing"),
    "it went to !!Rivalsoft": Typed("it went to !!Rivalsoft", competitor="Rivalsoft", kind="lost_reason"),
    "churn risk!Rivalsoft calls them": Typed("churn risk!Rivalsoft calls them", competitor="Rivalsoft"),
    "ticket !42 is open @Globex": Typed("ticket !42 is open", account="Globex"),
}

ALONE = {
    "!Rivalsoft": Typed("", came="competitor", competitor="Rivalsoft"),
    "!rivalsoft": Typed("", came="competitor", competitor="Rivalsoft"),
    "!hubspot": Typed("", came="competitor", competitor="hubspot"),
    "!Rivalsoft?": Typed("", came="competitor", competitor="Rivalsoft"),
    '!"Rival Soft"': Typed("", came="competitor", competitor="Rival Soft"),
    "@rivalsoft": Typed("", came="competitor", competitor="Rivalsoft"),
    "vs Rivalsoft": Typed("vs Rivalsoft", came="competitor", competitor="Rivalsoft"),
    "Vs. rivalsoft!": Typed("Vs. rivalsoft!", came="competitor", competitor="Rivalsoft"),
    "vs Rivalsoft again": Typed("vs Rivalsoft again", competitor="Rivalsoft"),
    "rivalsoft": Typed("rivalsoft", came="asked", competitor="Rivalsoft"),
    "!important": Typed("!important", came="asked"),
    "!": Typed("!", came="asked"),
    "!Rivalsoft #pricing": Typed("", came="marks", theme="pricing", competitor="Rivalsoft"),
    "@Rivalsoft is cheaper @Globex": Typed("Rivalsoft is cheaper", account="Globex", competitor="Rivalsoft"),
}

TABLES = {
    "apart": APART,
    "in the sentence": IN_THE_SENTENCE,
    "several": SEVERAL,
    "no competitor": NO_COMPETITOR,
    "alone": ALONE,
}
