"""What sort of thing a customer said, and how plain words tell it: in English, German, French and Spanish.

Only words that nearly always mean one kind are cues. Where two kinds are named, a word denies, or nothing is plain,
nothing is told: whoever logs says it, or an objection is assumed.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from domain.text import plain


class Kind(StrEnum):
    """What sort of thing the customer said; the values are those of the column `voc_items.kind`."""

    OBJECTION = "objection"
    PAIN_POINT = "pain_point"
    FEATURE_GAP = "feature_gap"
    COMPETITOR = "competitor"
    PRAISE = "praise"
    LOST_REASON = "lost_reason"
    QUESTION = "question"


def _any_of(*patterns: str) -> re.Pattern[str]:
    """Whole words, in lower case, with straight apostrophes."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


_THE_DEAL: Final = r"(?:the |this |that )?(?:deal|account|opp|opportunity|renewal|tender|bid|pitch|customer|client|one)"
_NOT_A_DEAL: Final = (
    r"(?!(?:interest|access|trust|patience|track|data|time|touch|count|money|work|their|his|her|its|some|hours|half"
    r"|confidence|faith|control|sight|focus|momentum|connection|files?|several|a lot|in"
    r"|\d+ (?:hours|days|weeks|months))\b)"
)
_LOST: Final = _any_of(
    r"we(?:'ve| have)? (?:just )?lost (?:it|them|this|to|against|because|" + _THE_DEAL + ")",
    _THE_DEAL + r" (?:is |was |got )?lost",
    rf"\A(?:(?:sadly|unfortunately|just|we|ok|so|update:?)[ ,]+)*lost {_NOT_A_DEAL}"
    r"(?:.{0,60}? )?(?:to|against|because|over|vs)",
    r"\A(?:(?:sadly|unfortunately|just|we) )*lost (?:it|them|over|on price|due to|" + _THE_DEAL + ")",
    r"\Awe(?:'ve| have)? (?:just )?lost(?= ?[^\w\s]|\Z)",
    r"closed[- ]lost",
    r"\Averloren",
    r"verloren (?:an|gegen|weil|wegen)",
    r"(?:deal|auftrag|kunden?|ausschreibung|projekt) .{0,30}verloren",
    r"perdue?s? (?:face|contre|parce|à cause|a cause)",
    r"(?:on a|nous avons|avons) perdu (?:le |la |l'|ce |cette )?(?:deal|affaire|client|contrat|marché|appel)",
    r"(?:affaire|deal|contrat|client) perdue?",
    r"(?:perdimos|hemos perdido|se perdió) (?:el |la |este |esta )?(?:trato|cliente|negocio|deal|venta|cuenta|contra"
    r"|ante|frente|porque)",
    r"(?:venta|cuenta|trato|negocio) perdid[oa]",
)
_LOST_TO: Final = _any_of(
    r"(?:went|going) (?:with|to|for)|went w/|(?:has |have )?signed with|chose|picked|opted for|decided for",
    r"für .{1,30} entschieden|unterschrieben bei|(?:ont|a) choisi|partis? chez|ont signé (?:avec|chez)",
    r"eligieron|se fueron con|se decidieron por|firmaron con",
)
_EARLIER: Final = _any_of(
    r"in (?:19|20)\d\d", r"(?:years?|months?) ago", r"last year", r"back then", r"switch\w*", r"regrets?"
)

_ASKED: Final = _any_of(
    r"(?:ask(?:s|ed|ing)?|wonder(?:s|ed|ing)?|wants? to know|wanted to know|would like to know)"
    r" (?:me |us |him |her |again |twice )?(?:whether|if|when|how|what|which|who|where)",
    r"question (?:about|re|on|whether|if)",
    r"(?:fragt|fragen|fragte|fragten|gefragt|will wissen|wollen wissen|wollte wissen|wollten wissen|möchten? wissen)"
    r".{0,25}? (?:ob|wann|wie|was|welche[rsnm]?|wer|wo)",
    r"(?:demande(?:nt)?|demandé|veut savoir|veulent savoir|voulait savoir).{0,15}? (?:si|s'ils?|quand|comment|combien"
    r"|quel(?:le)?s?|ce qu[ei])",
    r"(?:preguntan?|preguntó|preguntaron|preguntaba|quieren? saber|querían? saber).{0,15}? (?:si|cu[aá]ndo|c[oó]mo"
    r"|cu[aá]nto|qu[eé]|cu[aá]l)",
)
_ASKS: Final = re.compile(r"[?？؟][\s!.…]*\Z")

_CUES: Final = {
    Kind.FEATURE_GAP: _any_of(
        r"(?:is|are|was|were|still|it's|what's) missing",
        r"missing (?:an? |the |any )?(?:feature|option|function|integration|connector|export|import|api|button|filter"
        r"|view|field|report|sso|saml|scim|sdk)\w*",
        r"\Amissing|missing\Z",
        r"lacks?|lacking",
        r"(?:you|we|it|product|tool|app|platform|api|plan|version|system|dashboard|connector|tandem) (?:don't|doesn't"
        r"|dont|doesnt|do not|does not|can't|cannot) (?:yet )?(?:have|support|offer|handle|allow|integrate)",
        r"\A(?:doesn't|doesnt|does not|don't) (?:have|support|offer)",
        r"no (?:way|option|possibility) (?:to|of)",
        r"not (?:yet )?supported|unsupported|no support for",
        r"feature request",
        r"wish(?:es|ed)? (?:it|we|you|there|the (?:app|tool|product)) (?:had|could|was|were|would)",
        r"would (?:love|like) to have",
        r"fehlt|fehlen|fehlte|gibt es (?:noch )?nicht|nicht unterstützt|vermissen|vermisst",
        r"manque(?:nt)?|n'existe pas|pas (?:encore )?supportée?s?|ne (?:gère|supporte|propose) pas",
        r"faltan?|no (?:existe|soporta|permite|ofrece)|no se puede|no hay (?:forma|manera|opción)|echan? de menos",
    ),
    Kind.PAIN_POINT: _any_of(
        r"tak(?:es?|ing|en) (?:us |them |him |her |me )?(?:far |way |much |so )?too (?:long|much time)",
        r"takes? (?:us |them |him |her )?(?:hours|days|weeks|forever|ages)",
        r"(?:real |huge |big )?pain (?:to|in the \w+)|painful|nightmare|headache|hassle",
        r"by hand|manually|manual (?:work|entry|process|steps?|typing|copying)",
        r"wast(?:e|es|ed|ing) (?:\w+ )?(?:hours|days|time|weeks)",
        r"keeps? (?:crashing|breaking|failing|freezing|timing out|losing)|crash(?:es|ed|ing)",
        r"frustrat(?:ed|ing)|annoy(?:ed|ing|s)|struggl(?:e|es|ed|ing) (?:with|to)|hates?|hated",
        r"re-?typ(?:e|es|ing)|copy[- ]past(?:e|es|ing)|too many clicks|confusing|fed up with|sick of",
        r"dauert (?:viel |ewig |einfach |ihnen )*(?:zu )?(?:lange?|ewig|stunden|tage|wochen)",
        r"nervt|nervig|mühsam|umständlich|von hand|händisch|manuell|stürzt .{0,20}ab|frustriert?|hassen|hasst",
        r"prend (?:beaucoup )?trop de temps|prend des (?:heures|jours|semaines)|pénible|galère|à la main|double saisie"
        r"|déteste(?:nt)?|frustrée?s?",
        r"tardan? (?:demasiado|mucho|horas|días|semanas)|lleva (?:horas|días|semanas|demasiado)|a mano|engorros[oa]"
        r"|tedios[oa]|odian?|frustrad[oa]s?|se cuelga|pesadilla",
    ),
    Kind.PRAISE: _any_of(
        r"(?<!would )(?<!'d )lov(?:es?|ed)|(?:big|huge) fans?|impressed|blown away|thrilled|kudos",
        r"(?:is|are|was|were) (?:really |so |just )?(?:great|awesome|amazing|fantastic)|works great|great (?:job|demo)",
        r"(?:super|very|so) happy with|really (?:like|likes|liked) (?:the|our|your|how|it|us)",
        r"begeistert|liebt|lieben|gefällt (?:ihnen|ihm|ihr)|(?:super|sehr) zufrieden|lobt|gelobt|beeindruckt",
        r"adore(?:nt)?|ravie?s?|enchantée?s?|très (?:contente?s?|satisfaite?s?)|bluffée?s?|impressionnée?s?",
        r"encantan?|encantad[oa]s?|encantó|muy (?:content|satisfech)[oa]s?|impresionad[oa]s?|maravilla",
    ),
}
_MET: Final = _any_of(
    r"(?:comparing|compares?|compared) us (?:with|to|against)|evaluat(?:es?|ed|ing)|also (?:looking at|talking to)"
    r"|in talks with|shortlist(?:ed)?|up against|trialing|piloting",
    r"vergleich(?:t|en) uns|evaluier(?:t|en)|nous compar(?:e|ent)|nos comparan|evalúan?",
)
"""What somebody does who may buy from the competitor that the line names."""

_AGAINST: Final = _any_of(
    r"too (?:expensive|dear|pricey|high|much|costly|steep|complex|complicated|big|small|risky|early)|expensive|cheaper"
    r"|overpriced|not convinced|(?:don't|doesn't|can't) see|concern\w*|worr(?:y|ied)|afraid|sceptical|skeptical"
    r"|hesita\w+|pushback|objection|won't sign|not interested|priority|no time|risk\w*",
    r"zu teuer|teurer|günstiger|billiger|keine zeit|kein interesse|bedenken|sorgen?|skeptisch",
    r"trop chers?|trop chères?|moins chers?|plus chers?|pas convaincue?s?|pas le temps|peur",
    r"car[oa]s?|más barat[oa]s?|no (?:les|le) convence|miedo|dudas",
)
_MEANS: Final = _any_of(
    r"budget\w*|money|funds|time|people|staff|resources|authority|approval|trust|interest|references?|roi"
    r"|business case",
    r"geld|zeit|mittel|personal|leute|kapazit\w+|freigabe|vertrauen|interesse|referenz\w*|nutzen",
    r"temps|argent|moyens|personnel|confiance|références?",
    r"presupuesto|dinero|tiempo|personal|fondos|confianza|referencias?",
)
"""What a customer has too little of: no feature of ours."""

_AS_IT_IS: Final = _any_of(
    r"current|existing|today|old|excel|spreadsheets?|sheets?|their|his|her|vendor|provider|fine|good enough"
    r"|works for them|no go",
    r"aktuell\w*|bisher\w*|jetzig\w*|alte[nrs]?|tabellen?|anbieter|reicht|klappt|läuft",
    r"actuel(?:le)?s?|tableur|fournisseur|suffit|hors de question|actual(?:es)?|hojas?|proveedor|basta|funciona",
)
"""What a customer is content with, or has trouble with, that is not ours."""

_DENIES: Final = _any_of(
    r"not|no|never|\w+n't|dont|doesnt|but|although|though|however|except|yet|still|only|if|until|unless",
    r"nicht|keine?[nmrs]?|nie|aber|obwohl|nur|wenn|pas|jamais|mais|sauf|si|no|nunca|pero|aunque|salvo|solo|sólo",
)
_ALMOST: Final = _any_of(r"(?:almost|nearly|not|never|haven't|hasn't|would have|fast|beinahe|presque|casi)")


def tell_kind(text: str, competitor: str | None = None) -> Kind | None:
    """The kind that the words of a line plainly tell, if any; `competitor`: the one that the line names."""
    words = " ".join(plain(text).lower().replace("’", "'").split())
    if _LOST.search(words) and not _ALMOST.search(words):
        return Kind.LOST_REASON
    if competitor is not None and _LOST_TO.search(words) and not (_EARLIER.search(words) or _ALMOST.search(words)):
        return Kind.LOST_REASON
    if _ASKED.search(words):
        return Kind.QUESTION
    found = {kind for kind, cues in _CUES.items() if cues.search(words)}
    if competitor is not None and _MET.search(words):
        found.add(Kind.COMPETITOR)
    if _ASKS.search(words):
        found.add(Kind.QUESTION)
    if len(found) != 1 or _AGAINST.search(words):
        return None
    (kind,) = found
    return None if _is_doubtful(kind, words, competitor) else kind


def _is_doubtful(kind: Kind, words: str, competitor: str | None) -> bool:
    if kind == Kind.PRAISE:
        return competitor is not None or bool(_DENIES.search(words) or _AS_IT_IS.search(words))
    if kind == Kind.FEATURE_GAP:
        return bool(_MEANS.search(words))
    return kind == Kind.PAIN_POINT and bool(_AS_IT_IS.search(words))
