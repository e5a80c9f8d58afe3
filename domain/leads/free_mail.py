"""Which e-mail addresses anybody can have: such an address says nothing about a company."""

from __future__ import annotations

from typing import Final

_ANYWHERE: Final = frozenset(
    [
        *("gmail", "googlemail", "yahoo", "ymail", "rocketmail", "hotmail", "outlook", "live", "msn", "aol", "icloud"),
        *("gmx", "proton", "protonmail", "fastmail", "tutanota", "tuta", "yandex", "rediffmail", "hushmail", "mailbox"),
    ]
)
"""Providers with one name under many endings: yahoo.com, yahoo.co.uk, yahoo.fr."""

_EXACTLY: Final = frozenset(
    [
        *("me.com", "mac.com", "mail.com", "email.com", "usa.com", "pm.me", "hey.com", "zohomail.com", "duck.com"),
        *("web.de", "t-online.de", "freenet.de", "arcor.de", "posteo.de", "gmx.net", "mail.de", "online.de"),
        *("orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "neuf.fr", "bbox.fr", "bluewin.ch"),
        *("libero.it", "virgilio.it", "tiscali.it", "alice.it", "tin.it", "telefonica.net", "terra.es"),
        *("btinternet.com", "sky.com", "talktalk.net", "virginmedia.com", "ntlworld.com", "blueyonder.co.uk"),
        *("comcast.net", "verizon.net", "att.net", "sbcglobal.net", "cox.net", "charter.net", "earthlink.net"),
        *("bellsouth.net", "juno.com", "optonline.net", "shaw.ca", "rogers.com", "sympatico.ca", "bigpond.com"),
        *("qq.com", "163.com", "126.com", "sina.com", "sohu.com", "foxmail.com", "naver.com", "daum.net"),
        *("hanmail.net", "mail.ru", "bk.ru", "list.ru", "inbox.ru", "rambler.ru", "ukr.net", "seznam.cz", "wp.pl"),
        *(
            "o2.pl",
            "onet.pl",
            "interia.pl",
            "op.pl",
            "centrum.cz",
            "abv.bg",
            "uol.com.br",
            "bol.com.br",
            "terra.com.br",
        ),
        *("ziggo.nl", "planet.nl", "hetnet.nl", "kpnmail.nl", "xs4all.nl", "telenet.be", "skynet.be", "telia.com"),
        *("mailinator.com", "guerrillamail.com", "10minutemail.com", "tempmail.com", "yopmail.com", "trashmail.com"),
    ]
)


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address in the domain: "yahoo.co.uk", "web.de"."""
    plain = domain.strip().strip(".").casefold()
    name, _, ending = plain.partition(".")
    return plain in _EXACTLY or (name in _ANYWHERE and 0 < len(ending) <= 6)
