"""Lines as those in tests/voc/lines.py: addresses with signs in them, bold around marks, and nothing but marks."""

from __future__ import annotations

from tests.voc.lines import Typed

ADDRESSES = {
    "see globex.com/docs#pricing, too dear #sso": Typed("see globex.com/docs#pricing, too dear", theme="sso"),
    "see globex.com/#pricing it is too dear": Typed("see globex.com/#pricing it is too dear"),
    "the post at medium.com/@Initech/post says it @Globex": Typed(
        "the post at medium.com/@Initech/post says it", account="Globex"
    ),
    "the review on g2.com/!rivalsoft hurts": Typed("the review on g2.com/!rivalsoft hurts"),
}

BOLD = {
    "too dear *#pricing*": Typed("too dear", theme="pricing"),
    "*too dear #pricing* @Globex": Typed("*too dear*", theme="pricing", account="Globex"),
    "~@Globex too dear~ really": Typed("~too dear~ really", account="Globex"),
    "*#pricing* is too high": Typed("*pricing* is too high", theme="pricing"),
    "we lost it at *@Globex* $40k": Typed(
        "we lost it at *Globex*", account="Globex", deal="40000 USD", kind="lost_reason"
    ),
    "5 * 3 seats * 12 #pricing": Typed("5 * 3 seats * 12", theme="pricing"),
}

ONLY_MARKS = {
    "@Globex @Initech": Typed("", came="marks", account="Globex"),
    "#pricing @Globex, @Initech & !Rivalsoft": Typed(
        "", came="marks", theme="pricing", account="Globex", competitor="Rivalsoft"
    ),
    "!Rivalsoft !Hooli": Typed("", came="marks", competitor="Rivalsoft"),
    "$40k/yr": Typed("", came="marks", deal="40000 USD"),
    "$40k $50k": Typed("", came="marks"),
    "👍 @Globex @Initech": Typed("👍 Initech", account="Globex"),
}

TABLES = {"addresses": ADDRESSES, "bold": BOLD, "only marks": ONLY_MARKS}
