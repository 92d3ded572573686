"""Time zones as people name them: the likely ones of a language, and cities."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import available_timezones

UTC: Final = "UTC"
_LISTED = 24  # choices, which leaves room for UTC in one of Discord's selects
_EUROPE: Final = ("Europe/London", "Europe/Paris", "Europe/Berlin", "Europe/Athens")
_ENGLISH: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Toronto",
    "America/Vancouver", "America/Halifax", "Europe/London", "Europe/Dublin", "Europe/Berlin",
    "Africa/Johannesburg", "Africa/Lagos", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore",
    "Asia/Manila", "Australia/Perth", "Australia/Brisbane", "Australia/Sydney",
    "Pacific/Auckland",
)  # fmt: skip
_SPANISH: Final = (
    "America/Mexico_City", "America/Bogota", "America/Lima", "America/Caracas",
    "America/Santiago", "America/Argentina/Buenos_Aires", "America/Guayaquil",
    "America/Guatemala", "America/Santo_Domingo", "America/Montevideo", "America/New_York",
    "America/Los_Angeles", "Europe/Madrid", "Atlantic/Canary",
)  # fmt: skip
# Discord's languages, with the time zones in which most of their readers live, the likeliest first.
_OF_LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "en-US": _ENGLISH,
    "en-GB": ("Europe/London", "Europe/Dublin", "Australia/Sydney", "Pacific/Auckland"),
    "de": ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Luxembourg"),
    "fr": ("Europe/Paris", "Europe/Brussels", "Europe/Zurich", "America/Toronto",
           "Africa/Casablanca", "Africa/Algiers", "Africa/Tunis", "Africa/Dakar"),
    "es-ES": ("Europe/Madrid", "Atlantic/Canary"),
    "es-419": _SPANISH,
    "pt-BR": ("America/Sao_Paulo", "America/Manaus", "America/Fortaleza", "America/Cuiaba",
              "America/Rio_Branco", "America/Noronha", "Europe/Lisbon"),
    "it": ("Europe/Rome", "Europe/Zurich"),
    "nl": ("Europe/Amsterdam", "Europe/Brussels", "America/Paramaribo"),
    "da": ("Europe/Copenhagen",), "no": ("Europe/Oslo",), "sv-SE": ("Europe/Stockholm",),
    "fi": ("Europe/Helsinki",), "pl": ("Europe/Warsaw",), "cs": ("Europe/Prague",),
    "hu": ("Europe/Budapest",), "ro": ("Europe/Bucharest", "Europe/Chisinau"),
    "bg": ("Europe/Sofia",), "hr": ("Europe/Zagreb",), "el": ("Europe/Athens", "Asia/Nicosia"),
    "lt": ("Europe/Vilnius",), "tr": ("Europe/Istanbul",), "uk": ("Europe/Kyiv",),
    "ru": ("Europe/Moscow", "Europe/Kaliningrad", "Europe/Samara", "Asia/Yekaterinburg",
           "Asia/Omsk", "Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk",
           "Asia/Vladivostok", "Europe/Minsk", "Asia/Almaty"),
    "hi": ("Asia/Kolkata",), "ja": ("Asia/Tokyo",), "ko": ("Asia/Seoul",), "th": ("Asia/Bangkok",),
    "vi": ("Asia/Ho_Chi_Minh",), "id": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
    "zh-CN": ("Asia/Shanghai", "Asia/Urumqi", "Asia/Singapore"),
    "zh-TW": ("Asia/Taipei", "Asia/Hong_Kong"),
}  # fmt: skip
# Large cities that no time zone is called after.
_CITIES: Final[dict[str, str]] = {
    name: zone
    for zone, names in {
        "Europe/Berlin": "hamburg munich münchen cologne köln frankfurt stuttgart düsseldorf "
        "leipzig dortmund essen bremen dresden hannover hanover nuremberg nürnberg bonn mannheim "
        "freiburg germany deutschland",
        "Europe/Vienna": "wien graz linz salzburg innsbruck austria österreich",
        "Europe/Zurich": "zürich geneva genf basel bern lausanne switzerland schweiz",
        "Europe/London": "manchester birmingham leeds glasgow edinburgh liverpool bristol cardiff "
        "sheffield belfast england scotland wales",
        "Europe/Dublin": "cork galway ireland",
        "Europe/Paris": "lyon marseille toulouse nice lille bordeaux strasbourg nantes france",
        "Europe/Madrid": "barcelona valencia sevilla seville bilbao spain",
        "Europe/Rome": "milan milano naples napoli turin torino bologna florence italy",
        "Europe/Amsterdam": "rotterdam utrecht eindhoven netherlands",
        "Europe/Warsaw": "krakow kraków gdansk gdańsk wroclaw wrocław poznan poland",
        "Europe/Lisbon": "porto portugal",
        "Europe/Stockholm": "gothenburg malmö sweden",
        "Europe/Kyiv": "kiev lviv odesa kharkiv ukraine",
        "Europe/Moscow": "saint_petersburg petersburg kazan",
        "Europe/Istanbul": "ankara izmir turkey",
        "America/New_York": "boston washington philadelphia miami atlanta orlando tampa charlotte "
        "baltimore pittsburgh cleveland columbus raleigh buffalo est",
        "America/Chicago": "houston dallas austin san_antonio minneapolis st_louis nashville "
        "milwaukee kansas_city new_orleans memphis oklahoma_city cst",
        "America/Denver": "salt_lake_city albuquerque colorado_springs mst",
        "America/Los_Angeles": "san_francisco seattle portland san_diego las_vegas sacramento "
        "san_jose oakland pst",
        "America/Toronto": "ottawa montreal montréal quebec québec",
        "America/Edmonton": "calgary",
        "America/Sao_Paulo": "rio_de_janeiro rio brasilia brasília belo_horizonte curitiba "
        "porto_alegre",
        "America/Mexico_City": "guadalajara puebla",
        "America/Bogota": "medellin medellín cali",
        "America/Argentina/Buenos_Aires": "rosario",
        "Asia/Kolkata": "mumbai delhi new_delhi bangalore bengaluru chennai hyderabad pune "
        "ahmedabad india",
        "Asia/Shanghai": "beijing peking shenzhen guangzhou chengdu china",
        "Asia/Tokyo": "osaka kyoto nagoya sapporo fukuoka japan",
        "Asia/Seoul": "busan korea",
        "Asia/Ho_Chi_Minh": "hanoi saigon da_nang vietnam",
        "Asia/Karachi": "lahore islamabad pakistan",
        "Asia/Dubai": "abu_dhabi",
        "Asia/Jerusalem": "tel_aviv haifa israel",
        "Asia/Riyadh": "jeddah mecca",
        "Asia/Manila": "cebu quezon_city philippines",
        "Australia/Sydney": "canberra newcastle wollongong",
        "Australia/Brisbane": "gold_coast cairns",
        "Pacific/Auckland": "wellington christchurch new_zealand",
        "Africa/Johannesburg": "cape_town pretoria durban south_africa",
        "Africa/Lagos": "abuja nigeria",
        "Africa/Cairo": "alexandria egypt",
    }.items()
    for name in names.split()
}  # fmt: skip


@cache  # it looks through hundreds of files, for hundredths of a second
def time_zones() -> frozenset[str]:
    """The IANA names of the time zones that can be chosen."""
    return frozenset(available_timezones()) | {UTC}


def likely_zones(locale: str, chosen: str = UTC) -> list[str]:
    """The time zones in which a reader of one of Discord's languages is likely to live, at most 25:
    the chosen one first, and UTC last."""
    known = time_zones()
    own = _OF_LANGUAGES.get(locale, _OF_LANGUAGES.get(locale.split("-", maxsplit=1)[0], ()))
    found = dict.fromkeys(zone for zone in (chosen, *own, *_EUROPE, *_ENGLISH) if zone in known)
    found.pop(UTC, None)
    return [*list(found)[:_LISTED], UTC]


def zones_named(typed: str) -> list[str]:
    """The time zones that somebody may mean, at most 25: an IANA name, a city, the beginning of
    one, or a slip of the pen. Several are in the order of their names; one is certain."""
    wanted = _plain(typed)
    if not wanted:
        return []
    by_name, by_city = _by_name(), _by_city()
    if wanted in by_name:
        return [by_name[wanted]]
    if wanted in by_city:
        return list(by_city[wanted])
    begun = [zones for city, zones in by_city.items() if city.startswith(wanted)]
    if begun:
        return _few(zone for zones in begun for zone in zones)
    alike = get_close_matches(wanted, [*by_city, *by_name], n=5, cutoff=0.75)
    return _few(zone for name in alike for zone in by_city.get(name) or (by_name[name],))


def _few(zones: Iterable[str]) -> list[str]:
    return sorted(set(zones))[: _LISTED + 1]


def _plain(name: str) -> str:
    """A name without case and accents, with underscores for spaces."""
    parts = unicodedata.normalize("NFKD", name.strip().casefold()[:60])
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return "_".join(letters.replace(".", " ").split())


@cache
def _by_name() -> dict[str, str]:
    return {_plain(zone): zone for zone in sorted(time_zones())}


@cache
def _by_city() -> dict[str, tuple[str, ...]]:
    """The zones of a city: its name is the last part of theirs, or it is one of `_CITIES`."""
    found: dict[str, list[str]] = {}
    regions = tuple(f"{region}/" for region in ("Africa", "America", "Asia", "Atlantic",
                    "Australia", "Europe", "Indian", "Pacific"))  # fmt: skip
    for zone in sorted(time_zones()):
        if zone.startswith(regions):  # the others, such as US/Eastern, are older names for them
            found.setdefault(_plain(zone.rsplit("/", maxsplit=1)[1]), []).append(zone)
    for city, zone in _CITIES.items():
        found.setdefault(_plain(city), []).append(zone)
    return {city: tuple(dict.fromkeys(zones)) for city, zones in found.items()}
