"""Time zones and public holidays by the names that people use: "munich", "NYC", "PST", "Germany", "US-California"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import available_timezones

_CITIES: Final[Mapping[str, str]] = {
    "Europe/Berlin": "Munich München Muenchen Hamburg Frankfurt Cologne Köln Koeln Stuttgart Düsseldorf Duesseldorf "
    "Leipzig Dresden Nuremberg Nürnberg Nuernberg Hanover Hannover Bremen Bonn Karlsruhe Mannheim Dortmund Essen",
    "Europe/Vienna": "Wien Graz Linz Salzburg Innsbruck",
    "Europe/Zurich": "Zuerich Geneva Genf Genève Basel Bern Lausanne Lugano",
    "Europe/London": "Manchester Birmingham Leeds Bristol Edinburgh Glasgow Cardiff Cambridge Oxford Liverpool "
    "Sheffield Newcastle Belfast",
    "Europe/Dublin": "Cork Galway",
    "Europe/Paris": "Lyon Marseille Toulouse Nice Nantes Lille Bordeaux Strasbourg Rennes Grenoble Montpellier",
    "Europe/Madrid": "Barcelona Valencia Sevilla Seville Bilbao Malaga Zaragoza",
    "Europe/Lisbon": "Lisboa Porto Braga Coimbra",
    "Europe/Rome": "Roma Milan Milano Turin Torino Florence Firenze Naples Napoli Bologna Venice Venezia Genoa",
    "Europe/Amsterdam": "Rotterdam Utrecht Eindhoven The_Hague Den_Haag Groningen",
    "Europe/Brussels": "Bruxelles Antwerp Antwerpen Ghent Gent Leuven Liège",
    "Europe/Copenhagen": "København Aarhus Odense",
    "Europe/Stockholm": "Gothenburg Göteborg Malmö Uppsala",
    "Europe/Oslo": "Bergen Trondheim Stavanger",
    "Europe/Helsinki": "Espoo Tampere Turku Oulu",
    "Europe/Warsaw": "Warszawa Krakow Kraków Cracow Wroclaw Wrocław Gdansk Gdańsk Poznan Poznań Lodz Łódź Katowice",
    "Europe/Prague": "Praha Brno Ostrava",
    "Europe/Bucharest": "București Cluj Cluj-Napoca Iasi Timisoara",
    "Europe/Kyiv": "Kiev Lviv Kharkiv Odesa",
    "Europe/Athens": "Athina Thessaloniki",
    "Europe/Istanbul": "Ankara Izmir",
    "Europe/Tallinn": "Tartu",
    "Europe/Vilnius": "Kaunas",
    "America/New_York": "NYC New_York_City Manhattan Brooklyn Boston Washington Washington_DC Philadelphia Atlanta "
    "Miami Orlando Tampa Charlotte Raleigh Durham Pittsburgh Baltimore Cleveland Columbus Cincinnati Buffalo",
    "America/Chicago": "Dallas Houston Austin San_Antonio Minneapolis St_Louis Saint_Louis Milwaukee New_Orleans "
    "Kansas_City Nashville Memphis Omaha Madison",
    "America/Denver": "Salt_Lake_City Boulder Colorado_Springs Albuquerque Provo",
    "America/Phoenix": "Tucson Scottsdale Tempe",
    "America/Los_Angeles": "LA San_Francisco SF San_Jose San_Diego Seattle Oakland Sacramento Las_Vegas Palo_Alto "
    "Silicon_Valley Bay_Area Redmond",
    "America/Toronto": "Montreal Montréal Ottawa Quebec Québec Waterloo Hamilton_ON",
    "America/Vancouver": "Victoria_BC",
    "America/Edmonton": "Calgary",
    "America/Mexico_City": "Guadalajara Ciudad_de_México CDMX Puebla",
    "America/Sao_Paulo": "São_Paulo Rio Rio_de_Janeiro Brasilia Brasília Curitiba Belo_Horizonte Porto_Alegre",
    "America/Bogota": "Medellin Medellín Cali Bogotá",
    "Asia/Kolkata": "Mumbai Bombay Delhi New_Delhi Bangalore Bengaluru Hyderabad Chennai Pune Ahmedabad Gurgaon "
    "Gurugram Noida Calcutta",
    "Asia/Shanghai": "Beijing Peking Shenzhen Guangzhou Hangzhou Chengdu Nanjing Suzhou Wuhan",
    "Asia/Tokyo": "Osaka Kyoto Yokohama Nagoya Fukuoka Sapporo",
    "Asia/Seoul": "Busan Incheon",
    "Asia/Ho_Chi_Minh": "Saigon Hanoi Da_Nang",
    "Asia/Manila": "Cebu Makati Quezon_City",
    "Asia/Jerusalem": "Tel_Aviv Haifa",
    "Asia/Dubai": "Abu_Dhabi Sharjah",
    "Asia/Riyadh": "Jeddah",
    "Asia/Karachi": "Lahore Islamabad",
    "Australia/Sydney": "Canberra Newcastle_NSW Wollongong",
    "Australia/Melbourne": "Geelong",
    "Australia/Brisbane": "Gold_Coast Cairns",
    "Pacific/Auckland": "Wellington Christchurch",
    "Africa/Johannesburg": "Cape_Town Durban Pretoria",
    "Africa/Lagos": "Abuja",
    "Africa/Cairo": "Alexandria",
}
"""Cities where many companies sit, and that the time zones' own names do not have."""

_ABBREVIATED: Final[Mapping[str, tuple[str, ...]]] = {
    "EST EDT ET Eastern": ("America/New_York",),
    "CDT CT Central": ("America/Chicago",),
    "MDT MT Mountain": ("America/Denver",),
    "PST PDT PT Pacific": ("America/Los_Angeles",),
    "CET CEST MEZ MESZ": ("Europe/Berlin",),
    "EET EEST": ("Europe/Helsinki",),
    "JST": ("Asia/Tokyo",),
    "AEST AEDT": ("Australia/Sydney",),
    "NZST NZDT": ("Pacific/Auckland",),
    "SGT": ("Asia/Singapore",),
    "UTC Z Zulu": ("UTC",),
    "CST": ("America/Chicago", "Asia/Shanghai"),
    "MST": ("America/Denver", "America/Phoenix"),
    "GMT": ("UTC", "Europe/London"),
    "BST": ("Europe/London", "Asia/Dhaka"),
    "IST": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
}
"""What the letters may mean; where they mean two, a person picks."""


@lru_cache(maxsize=1)
def zones() -> dict[str, str]:
    """Every zone that may be chosen, by its name in small letters.

    Abbreviations such as EST are not among them: they stand still when the clocks change.
    """
    names = (
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    )
    return {name.casefold(): name for name in sorted({*names, "UTC"})}


def zone_meant(text: str) -> str | None:
    """The one zone that `text` names: a zone, a city, letters that mean one zone, a country that has one."""
    if text.strip().casefold() in zones():
        return zones()[text.strip().casefold()]
    meant = _names().get(_key(text), ())
    return meant[0] if len(meant) == 1 else None


def find_zones(text: str, *, limit: int = 20) -> list[str]:
    """Zones that `text` could mean, the likeliest first: a city, a country, letters, part of a name, nearly a name."""
    key = _key(text)
    if not key:
        return []
    found = list(_names().get(key, ()))
    known = {_key(name): name for name in zones().values()}
    found += [zone for name, meant in _names().items() if name.startswith(key) for zone in meant]
    found += [name for low, name in known.items() if key in low]
    near = get_close_matches(key, _names(), n=3, cutoff=0.75) + get_close_matches(key, known, n=3, cutoff=0.75)
    found += [zone for name in near for zone in _names().get(name, (known.get(name, ""),)) if zone]
    return list(dict.fromkeys(found))[:limit]


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, ...]]:
    """The zones that each name may mean. A zone's own city comes before a country's name, letters before both."""
    names: dict[str, tuple[str, ...]] = {}
    for country, zone_names in _zones_of_countries().items():
        names[_key(country)] = tuple(zone_names)
    current = {zone for zone_names in _zones_of_countries().values() for zone in zone_names}
    # A place may have an old name, too (America/Buenos_Aires): the current one comes last, and stays.
    for zone in sorted(zones().values(), key=lambda name: name in current):
        names[_key(zone.rpartition("/")[2])] = (zone,)
    for zone, cities in _CITIES.items():
        names |= {_key(city): (zone,) for city in cities.split()}
    for letters, meant in _ABBREVIATED.items():
        names |= {_key(each): meant for each in letters.split()}
    return names


def _zones_of_countries() -> dict[str, list[str]]:
    """The zones of each country, by its English name, from the tables that come with the time zones."""
    folder = files("tzdata") / "zoneinfo"
    countries = dict(_rows((folder / "iso3166.tab").read_text(encoding="utf-8"), 0, 1))
    found: dict[str, list[str]] = {}
    for code, zone in _rows((folder / "zone.tab").read_text(encoding="utf-8"), 0, 2):
        if zone in zones().values():
            found.setdefault(countries.get(code, code), []).append(zone)
    for other, name in (("UK", "Britain (UK)"), ("Great Britain", "Britain (UK)"), ("England", "Britain (UK)")):
        found[other] = found.get(name, [])
    return found


def _rows(table: str, *columns: int) -> Iterator[tuple[str, str]]:
    for line in table.splitlines():
        if line and not line.startswith("#"):
            cells = line.split("\t")
            yield cells[columns[0]], cells[columns[1]]


def _key(text: str) -> str:
    """A name for comparing: without case, accents, spaces and dashes."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return re.sub(r"[\s_./-]+", "", plain.casefold())


def country_meant(text: str) -> tuple[str, str] | None:
    """The country and region ("" for none) that `text` names: DE, DEU, Germany, US-CA, US-California, "UK".

    The region is returned as it was written where the country does not know it; None when there is no such country.
    """
    named = _countries().get(_key(text))
    if named is not None:
        return named, ""
    if _key(text) in ("england", "scotland", "wales", "northernireland"):
        return "GB", regions_of("GB")[_key(text)]
    # "US-CA", "Germany, Bavaria", "Spain (Catalonia)", "DE BY": the country first, then its region.
    for found in re.finditer(r"\s*[-,/(:\s]\s*", text.strip()):
        head, tail = text.strip()[: found.start()], text.strip()[found.end() :].rstrip(" )")
        country = _countries().get(_key(head))
        if country is not None and tail:
            return country, regions_of(country).get(_key(tail), tail)
    return None


@lru_cache(maxsize=64)
def regions_of(country: str) -> dict[str, str]:
    """The regions whose public holidays are known, by their codes and names as `_key` writes them."""
    import holidays  # large, and many teams name no country

    known = holidays.list_supported_countries().get(country, [])
    names = {_key(code): code for code in known}
    for code, others in holidays.country_holidays(country).get_subdivision_aliases().items():
        names |= {_key(other): code for other in others}
    return names


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """The two letters of each country whose public holidays are known, by its names."""
    import holidays
    from holidays.registry import COUNTRIES

    supported = holidays.list_supported_countries()
    names: dict[str, str] = {}
    for module, (_, code, *others) in COUNTRIES.items():
        if code in supported:
            names |= {_key(name): code for name in (code, module, *others)}
    return names | {
        "uk": "GB",
        "greatbritain": "GB",
        "deutschland": "DE",
        "osterreich": "AT",
        "schweiz": "CH",
        "espana": "ES",
        "italia": "IT",
    }
