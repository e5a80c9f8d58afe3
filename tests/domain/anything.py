"""Whatever may stand in a typed line: any text, and pieces of lines beside each other, with spaces and without."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

MARKS: Final = (
    *("#pricing", "#a#b", "#1", "#ui/ux", "#c++", "##x", "# tag", "＃価格", "(#pricing)"),
    *("@Globex", "@Globex Corp", '@"New One"', "@“New One”", "@'A B'", "@Globex(UK)", "@ Globex", "@colleague", "@5k"),
    *("!Rivalsoft", "!hubspot", '!"Rival Soft"', "!“Rival Soft”", "！Acme", "!important", "!Rivalsoft's", "!!", "!"),
    *("$40k", "40k EUR", "€5-10k", "£12k/yr", "~$40k", "40 000 €", "$40k+VAT", "vs Hooli", "vs.", "vs !Acme"),
)
PARTS: Final = (
    *("|", "·", ";", " - ", "—", "→", "(", ")", ",", ".", "…", "，", "-", "/", "&", "\n", "\0", "\t", "@", "#"),
    *("\u00a0", "\u202f", "\u200b", "\u2067", '"', "“", "”", "’", "「", "」", '"so dear"', "“no”", "«cher»"),
    *("at", "is", "deal", "pay", "use", "word", "too dear", "no SSO", "undo", "it’s", "'s", "Rivalsoft", "слово"),
    *("価格", "السعر", "يقر", "价格", "ราคา", "🔥", "😬", "👍🏽", "🇩🇪", "¯\\_(ツ)_/¯", "<b>", "<!here>", "=1+1"),
    *("<@U1>", "<#C1|x y>", "a@b.co", "jo@globex.com", "https://x.y/#z", "pain:", "gap:", "lost_reason", "*bold*"),
    "`x`",
)
PIECES: Final = st.sampled_from([*MARKS, *PARTS])
ANYTHING: Final = st.one_of(
    st.text(max_size=80),
    st.lists(PIECES, max_size=12).map(" ".join),
    st.lists(PIECES, max_size=12).map("".join),
)
