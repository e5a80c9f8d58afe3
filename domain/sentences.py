"""Tells which marks of a typed line are part of its sentence and stay as words, and which stand apart and go.

The rule: marks before the first word and after the last word of a field stand apart, and so do marks alone in
brackets. Every other mark is part of the sentence; so is a mark at the end that the word before it needs ("lost the
deal at @Globex"), and one at the beginning that the next word needs ("#pricing is too high"). A field ends at a line
break, at a bar, a bullet, a semicolon, a dash or a slash between spaces, and at the end of a sentence.

An amount of money that stands apart is the deal's size. One within a sentence is, where the sentence says so
("worth $40k", "a $40k deal").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Final, Literal

from domain.deal_size import Amount

TAKEN: Final = "\0"
"""Stands for one character of a mark."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A `#tag`, an `@Name`, a `!Competitor` or an amount, from `start` to `end`.

    `words` is what stays of it within a sentence.
    """

    start: int
    end: int
    what: Literal["tag", "account", "competitor", "amount"]
    words: str
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """The marks that stand apart, and the amounts within the sentence that it calls the deal's size."""

    apart: tuple[Mark, ...]
    deals: tuple[Mark, ...]


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Words that need the one that follows: a mark behind them is part of the sentence. Only those that hardly ever end one.
_NEEDS_NEXT: Final = _words(
    """
    a an the my our your their no every at in on of for from to with w/ w without by into onto via per between against
    than as versus vs vs. and or but nor if because re & + = is are was were be been isn't aren't called named
    im der die das den dem des ein eine einen einem einer eines bei beim mit von vom für zum zur als und oder aber ohne
    gegen wegen nur à au aux de du des le la les un une chez avec pour par sur sous dans en et ou sans el los las una
    del al con por para sin sobre entre y da dos das na nos nas em com sem um uma e il lo gli di dal nel fra het een van
    voor met bij med på för av till til fra hos och og w z ze od dla przy oraz
    в на с со у к от из за для по при и или но не
    """
)
_NEEDS_A_THING: Final = _words(
    "want wants wanted need needs needed lack lacks lacked missing require requires required"
    " love loves loved hate hates hated"
)
"""Before a theme only: "they want #sso". People and companies are what ends "where they need it @Globex"."""

_NEEDS_A_RIVAL: Final = _words(
    """
    use uses used using prefer prefers preferred preferring choose chooses chose chosen pick picks picked like likes
    liked love loves loved hate hates hated have has had got buy buys bought see sees saw run runs running evaluate
    evaluates evaluated evaluating consider considers considered considering compare compares compared comparing try
    tries tried trying trialing trial pilot piloting test tests tested testing pay pays paying replace replaces replaced
    replacing leave leaves leaving left mention mentions mentioned quote quotes quoted know knows knew is are was about
    under over behind also already still mostly currently beat beats calls called
    nutzt nutzen nutzte benutzt benutzen verwendet verwenden hat haben hatte testet testen getestet prüft wählt gewählt
    bevorzugt kennt kennen nimmt nehmen
    utilise utilisent utilisait préfère préfèrent choisi choisissent teste testent a ont connaît comme
    usa usan usaba prefiere prefieren elige eligen eligieron eligió tiene tienen prueba prueban conoce como
    """
)
"""Before a competitor only: "they use !Rivalsoft". Of themes and accounts, these words end a sentence more often."""

_NEEDS_AMOUNT: Final = _words(
    """
    over under above below near about around roughly has have had only just even still does do did this that about it's
    at up says said ist sind war hat haben um auf unter est sont était a ont que es son fue ha han cuesta é são tem är
    har er это
    """
)
# Words that go on after a name: a mark in front of them is the sentence's subject.
_GOES_ON: Final = _words(
    """
    is are was were isn't aren't wasn't has have had hasn't haven't does doesn't did didn't do don't will won't would
    wouldn't can can't cannot could couldn't should must may might and or
    says said say told tells asked asks wants wanted want needs needed need thinks thought likes liked loves loved hates
    hated feels felt found finds went goes chose picked pays paid uses used complains complained mentioned mentions
    prefers preferred expects expected refuses refused insists insisted claims claimed compares compared came comes
    signed left churned renewed cancelled canceled replied answered rejected declined switched moved bought
    seems seemed looks looked keeps kept takes took makes made gets got still also always never already just
    ist sind war hat haben will wollen sagt sagte sagen braucht brauchen möchte findet kann können und oder
    est sont était a ont veut veulent dit disent et ou es son fue tiene quiere dice y é são tem quer diz e
    är har vill säger och er vil sier og jest ma chce mówi i это был хочет говорит и
    """
)
_RIVAL_GOES_ON: Final = _words(
    """
    offers offered quoted quotes undercut undercuts beat beats won wins lost loses gave gives lets lacks supports
    integrates charges charged costs cost promised promises showed shows called calls sells sold ships works bundles
    dropped raised bietet bot kostet gewann gibt hatte verlangt propose proposent coûte offre
    ofrece ofrecen cuesta ganó cobra
    """
)
"""After a competitor only: it is the sentence's subject."""

# Words that, shortly before an amount, say that it is somebody's money and not the deal.
_NOT_THE_DEAL: Final = _words(
    """
    pay pays paid paying spend spends spent spending charge charges charged cost costs costing price priced pricing
    raise raised raises raising revenue revenues turnover funding valuation valued worth-nothing earn earns earned make
    makes made making save saves saved saving budget budgets quote quoted quotes ask asks asking offer offered offers
    want wants need needs bill billed fine penalty salary burn profit loss losses fee fees list
    zahlen zahlt zahlte zahlten kostet kosten umsatz preis verlangt budgets sparen spart
    paie paient payé coûte coûtent prix ca pagan paga pagam custa cuesta precio ingresos factura facturan
    betalar betaler kostar koster omsätter omsetter оборот платят стоит выручка бюджет
    """
)
_DEAL_BEFORE: Final = re.compile(
    r"(?<!\w)(?:(?:deal|contract|opp|opportunity|order|acv|tcv|arr|auftrag|auftragswert|volumen|vertrag|affaire|contrat"
    r"|contrato|negocio|negócio|ordre|affär|сделка|контракт)(?:[ -](?:size|value|volume|wert|of|worth|is|was|über|de"
    r"|от|на))*"
    r"|worth(?: about| around| roughly)?|deal size|im wert von|d'une valeur de|por valor de|no valor de|värd|案件|商談)"
    r" ?[:=]? ?\Z",
    re.IGNORECASE,
)
_DEAL_AFTER: Final = re.compile(
    r"(?:[ -](?:deal|opp|opportunity|order|auftrag|vertrag|affaire)(?![\w])(?! (?:with|at|from) )|の案件|の商談)",
    re.IGNORECASE,
)
# Directly behind an amount: it is a difference, a price or somebody's income.
_PRICE_TALK: Final = re.compile(
    r"[ -](?:off|cheaper|less|more|lower|higher|extra|discount|rebate|too|is|was|are|for|per|an?|budget|revenue"
    r"|turnover|funding|round|valuation|fee|fees|setup|cap|limit|limits|price|ceiling|saving|savings|company|startup|in|with"
    r"|vs|than|and|or|to|from|zu|mehr|weniger|günstiger|teurer|umsatz|rabatt|trop|de|demasiado|muito|caro|teuer|dear"
    r"|expensive|cheap|steep|high|seems|sounds|feels|would|will|might|may|can|could|should|which|if|when|only|quote"
    r"|quoted|today|now|already|elsewhere|instead|right)(?!\w)",
    re.IGNORECASE,
)

# An emoji as Slack sends it, `:fire:` or `:+1::skin-tone-2:`: it is no word.
_EMOJI: Final = re.compile(r"(?<![\w:]):(?:[a-z][a-z0-9_'+-]{1,60}|[+-]1|100|1234)(?:::skin-tone-[2-6])?:(?!\w)")
_DRAWN: Final = "\x02"

_ABOUT_THE_DEAL: Final = frozenset({"to", "for", "in", "with", "and", "or", "when"})
"""Of these words, those that may follow a deal's size that stands behind its account: "lost @Globex $40k to …"."""

_FIELD_END: Final = re.compile(
    r"\n+|[|¦│·•‧∙;]+|[-=]+>|[→⇒»›](?= )| [-–—/]+ |—|(?<=\0)–(?=[^\W_])| –|[!?。！？।؟]+(?=[\s\0])"
    r"|(?<=\w\w\w\w)[.…]+(?=\s)|(?<=[\0)\"”])[.…]+(?=\s)"
)
_WORD: Final = re.compile(r"[^\W_](?:[\w'’/.&-]*[\w/])?")
_LABEL: Final = re.compile(
    r"(?:account|customer|client|company|prospect|theme|tag|topic|deal|size|competitor|kunde|firma|thema) ?:\s*\Z",
    re.IGNORECASE,
)
_WORD_FOLLOWS: Final = re.compile(r"[*~`]{0,2}\s*[\w'’-]")
_MARK_FOLLOWS: Final = re.compile(r"\s*\0")
_NEAR: Final = 80
"""So many characters before an amount are looked at."""

_LAST_WORDS: Final = re.compile(r"(\S+)\s*\Z")
_ASIDE: Final = re.compile(r"[(\[{](?=[\s,;/|–—-]*\0)[\s,;/|–—\0-]*[)\]}]")


def place_marks(text: str, marks: Sequence[Mark], kept: Set[Mark], begin: int) -> Placed:
    """Sort the marks of `text`, which reads from `begin` on. `kept` are those that stay as words wherever they stand.

    `text` is as `plain` makes it, with quotations and addresses filled with letters.
    """
    covered = cover(text, [mark for mark in marks if mark not in kept])
    covered = _EMOJI.sub(lambda found: _DRAWN * len(found[0]), covered)
    asides = [(found.start(), found.end()) for found in _ASIDE.finditer(covered)]
    apart = {mark for start, end in asides for mark in marks if start < mark.start < end and mark not in kept}
    deals = set[Mark]()
    start = begin
    for end, following in [*((found.start(), found.end()) for found in _FIELD_END.finditer(covered, begin)), (-1, -1)]:
        stop = len(text) if end < 0 else end
        within = [mark for mark in marks if start <= mark.start < stop and mark not in apart and mark not in kept]
        field = _Field(text, covered, start, stop, within)
        apart |= field.apart
        deals |= field.deals
        start = following
    return Placed(tuple(mark for mark in marks if mark in apart), tuple(mark for mark in marks if mark in deals))


def without_marks(line: str, marks: Sequence[Mark], apart: Set[Mark], begin: int) -> str:
    """Return `line` from `begin` on, on one line: the marks in `apart` go, with what separated them."""
    pieces: list[str] = [TAKEN] if begin else []
    position = begin
    emoji: list[str] = []

    def draw(found: re.Match[str]) -> str:
        emoji.append(found[0])
        return _DRAWN

    for mark in marks:
        gone = mark in apart
        pieces += (_EMOJI.sub(draw, line[position : mark.start]), TAKEN if gone else f"{_SEAM}{mark.words}{_SEAM}")
        position = mark.end
    text = _SEAM_WITHIN.sub(" ", "".join((*pieces, _EMOJI.sub(draw, line[position:])))).replace(_SEAM, "")
    text = " ".join(text.split())
    if TAKEN in text:
        text = _without_taken(text)
    drawn = iter(emoji)
    return re.sub(_DRAWN, lambda _: next(drawn), text)


def _without_taken(text: str) -> str:
    """The text without its TAKEN, and without what separated them."""
    text = _EMPTY_BRACKETS.sub(TAKEN, text)
    text = _TAKEN_RUN.sub(TAKEN, text)
    text = _TAKEN_IN_BOLD.sub(lambda found: found["open"] or found["close"], text)
    text = _TAKEN_FIRST.sub("", text)
    text = _TAKEN_LAST.sub(lambda found: found["end"] or found["more"] or "", text)
    text = _TAKEN_BETWEEN.sub(lambda found: found["separator"], text)
    return " ".join(_TAKEN_WITHIN.sub(_mend, text).split())


class _Field:
    """The marks of one field, sorted."""

    def __init__(self, text: str, covered: str, start: int, stop: int, marks: Sequence[Mark]) -> None:
        self.text, self.covered, self.start, self.stop = text, covered, start, stop
        self.account_ends = {mark.end for mark in marks if mark.what == "account"}
        self.apart: set[Mark] = set()
        self.deals: set[Mark] = set()
        words = list(_WORD.finditer(covered, start, stop))
        if not words:
            self.apart.update(marks)
            return
        first, last = words[0].start(), words[-1].end()
        self._lead([mark for mark in marks if mark.end <= first], words[0][0].lower())
        for mark in marks:
            if first < mark.start < last:
                self._judge_amount(mark)
        self._trail([mark for mark in marks if mark.start >= last])

    def _lead(self, leading: list[Mark], next_word: str) -> None:
        """Judge the marks before the first word, the last first."""
        joined = True
        for place, mark in reversed(list(enumerate(leading))):
            follows = _WORD_FOLLOWS if place == len(leading) - 1 else _MARK_FOLLOWS
            joined = joined and bool(follows.match(self.covered, mark.end, self.stop))
            is_last = place == len(leading) - 1
            if joined and self._goes_on(mark, next_word, alone=place == 0 and is_last):
                self._judge_amount(mark)
            else:
                joined = False
                self.apart.add(mark)

    def _goes_on(self, mark: Mark, next_word: str, *, alone: bool) -> bool:
        if mark.amount is not None:
            talk = _PRICE_TALK.match(self.text, mark.end, self.stop) or _DEAL_AFTER.match(
                self.text, mark.end, self.stop
            )
            return alone or bool(talk)
        if mark.what == "competitor" and next_word in _RIVAL_GOES_ON:
            return True
        return next_word in _GOES_ON or self.covered[mark.end : mark.end + 1] in ("'", "’", "-")

    def _trail(self, trailing: list[Mark]) -> None:
        """Judge the marks after the last word, the first first."""
        follows = True
        for mark in trailing:
            if follows and self._is_needed(mark, self._before(mark)):
                self._judge_amount(mark)
            else:
                follows = False
                self.apart.add(mark)

    def _is_needed(self, mark: Mark, before: str) -> bool:
        """Whether what stands before the mark needs it."""
        last = _LAST_WORDS.search(before.rstrip("*~`"))
        word = last[1].lower().strip("(\"'“”‘’") if last else ""
        if word in _NEEDS_NEXT or _LABEL.search(before) or (mark.what == "tag" and word in _NEEDS_A_THING):
            return True
        if mark.what == "competitor":
            return word in _NEEDS_A_RIVAL
        if mark.amount is None:
            return False
        if word in _NEEDS_AMOUNT:
            return True
        return bool(_DEAL_BEFORE.search(before)) or _is_not_the_deal(before)

    def _judge_amount(self, mark: Mark) -> None:
        """An amount within the sentence: does the sentence call it the deal's size?"""
        if mark.amount is None or mark.amount.size is None:
            return
        before = self._before(mark)
        said = _DEAL_BEFORE.search(before)
        if said or _DEAL_AFTER.match(self.text, mark.end, self.stop):
            if not _is_not_the_deal(before[: said.start()] if said else before):
                self.deals.add(mark)
        elif (mark.amount.total or self._follows_account(mark, before)) and not self._is_needed(mark, before):
            talk = _PRICE_TALK.match(self.text, mark.end, self.stop)
            if talk is None or talk[0].strip(" -").lower() in _ABOUT_THE_DEAL:
                self.deals.add(mark)

    def _follows_account(self, mark: Mark, before: str) -> bool:
        return mark.start - len(before) + len(before.rstrip()) in self.account_ends

    def _before(self, mark: Mark) -> str:
        return self.text[max(self.start, mark.start - _NEAR) : mark.start]


def _is_not_the_deal(before: str) -> bool:
    words = [word.lower().strip("().:=\"'“”") for word in before.split()[-4:]]
    if before.rstrip().endswith((",", ";")):
        return False
    last_stop = max((place for place, word in enumerate(words) if word.endswith(",")), default=-1)
    return any(word in _NOT_THE_DEAL for word in words[last_stop + 1 :])


def cover(text: str, marks: Iterable[Mark]) -> str:
    """Return `text` with TAKEN in place of every character of these marks."""
    pieces: list[str] = []
    position = 0
    for mark in marks:
        pieces += (text[position : mark.start], TAKEN * (mark.end - mark.start))
        position = mark.end
    return "".join((*pieces, text[position:]))


_SEAM: Final = "\x01"
_SEAM_WITHIN: Final = re.compile(r"(?<=\w)\x01+(?=\w)")
_BARS: Final = "|¦│·•‧∙/"
_ARROW: Final = "[-=]+>|[→⇒]"
_EMPTY_BRACKETS = re.compile(
    r"[(\[{] ?\0(?:[ ,;/|–—-]*\0)* ?[)\]}]|(?<![\w*~`])(?P<bold>\*{1,2}|[~`])\0(?: ?\0)*(?P=bold)(?![\w*~`])"
)
# In a message, a mark may begin or end what is bold or struck through.
_TAKEN_IN_BOLD = re.compile(r"(?P<open>(?<![^\s(])[*~`_]{1,2})\0 ?| ?\0(?P<close>[*~`_]{1,2})(?![^\s.,;:!?)])")
# Possessive throughout: what separates marks can be told apart in many ways, and all of them would be tried in turn.
_TAKEN_RUN = re.compile(rf"\0(?:(?:{_ARROW}|[ {_BARS};,–—+&-])*+\0)+")
_TAKEN_FIRST = re.compile(rf"\A\0(?: ?(?:{_ARROW}|[,;:.!?…{_BARS}–—])| -+(?= |\Z))*+ ?")
_TAKEN_LAST = re.compile(
    rf"(?P<end>[.!?…。！？।؟])?(?: ?(?:{_ARROW}|[,;:{_BARS}–—])| -+)*+ ?\0(?: ?[{_BARS}–—]| -+)*+ ?"
    rf"(?P<more>[.!?…。！？।؟]*+)[,;:{_BARS}]*+\Z"
)
_BETWEEN: Final = rf" ?[;—{_BARS.replace('/', '')}] ?| (?:[-–/]+|{_ARROW}) "
_TAKEN_BETWEEN = re.compile(rf"(?P<separator>{_BETWEEN})\0(?:{_BETWEEN})")
_TAKEN_WITHIN = re.compile(r"(?P<before>[,;:.!?…(\[{])? ?\0 ?(?P<after>[,;:.!?…]*) ?(?P<closing>[)\]}]?)")


def _mend(found: re.Match[str]) -> str:
    before, after, closing = found["before"] or "", found["after"], found["closing"]
    if before and before in "([{":
        return before + closing
    return (before or after) + (closing or " ")
