"""Words that tell nothing by themselves, in the languages whose endings a search takes off. Folded, as words are."""

from __future__ import annotations

from typing import Final

_ENGLISH: Final = (
    "a about all also am an and any anybody anyone anything are as ask asked asks at be been being but by can could "
    "did do does doing for from had has have hear heard he her him his how i if in into is it its just like mention "
    "mentioned me more most much my no not of on or our out over please said say saying says she so some somebody "
    "someone something talk talked talking tell tells than that the their them then there these they think thinks this "
    "those to told up us was we were what when where which while who whom whose why will with would you your d ll m "
    "re s t ve"
)
_GERMAN: Final = (
    "aber als am an auch auf aus bei bin bis das dass dem den der des die dies diese doch du ein eine einem einen "
    "einer eines er es fur hat haben ich ihr im in ist ja kein keine man mehr mein mit nach nicht noch nur oder "
    "ohne sagen sagt sagte schon sehr sich sie sind so uber um und uns unser von vor war warum was wegen welche wenn "
    "wer wie wir wird wo zu zum zur"
)
_FRENCH: Final = (
    "au aux avec ce ces cette comme dans de des disent dit du elle elles en est et eux il ils j je l la le les leur "
    "leurs lui ma mais me mes mon n ne nos notre nous on ont ou par pas plus pour pourquoi qu que quel quelle qui quoi "
    "sa sans se ses si son sont sur ta te tes tres tu un une vos votre vous y"
)
_SPANISH: Final = (
    "al algo como con cual cuando de del dice dicen donde el ella ellas ellos en era es esa ese eso esta este esto fue "
    "ha hay la las le les lo los mas me mi muy no nos o para pero por porque que quien se ser si sin sobre son su "
    "sus te tu un una uno y ya"
)
FUNCTION_WORDS: Final = frozenset(" ".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH)).split())
