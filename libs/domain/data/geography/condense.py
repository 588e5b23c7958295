#!/usr/bin/env python3
"""Condenses public tables into groups.tsv, zones.tsv and zone-names.tsv beside this file.

    pip download tzdata && unzip tzdata-*.whl
    PYTHONTZPATH=$PWD/tzdata/zoneinfo ./condense.py SOURCES

SOURCES holds the files that README.md names. What is not in them, and is common knowledge, is written out below.
"""

import csv
import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

sources, here = Path(sys.argv[1]), Path(__file__).parent


def rows(name):
    with open(sources / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tab(name):
    lines = (sources / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


countries = {row["ISO3166-1-Alpha-2"] for row in rows("country-codes.csv")}
regions = {f"{row['SUCountry']}-{row['SUCode']}" for row in rows("subdivision-codes.csv")}

# --- groups.tsv ---------------------------------------------------------------------------------------------------

M49 = """
    002 africa  015 northern-africa  202 sub-saharan-africa  011 western-africa  014 eastern-africa  017 middle-africa
    018 southern-africa  019 americas  003 north-america  021 northern-america  419 latin-america-and-the-caribbean
    013 central-america  029 caribbean  005 south-america  142 asia  143 central-asia  030 eastern-asia
    034 southern-asia  035 south-eastern-asia  145 western-asia  150 europe  151 eastern-europe  154 northern-europe
    039 southern-europe  155 western-europe  009 oceania  053 australia-and-new-zealand  054 melanesia  057 micronesia
    061 polynesia
""".split()
contains = json.loads((sources / "cldr_territoryContainment.json").read_text())["supplemental"]["territoryContainment"]


def expand(code):
    """The ISO countries under a CLDR code. QO, Antarctica and a few islands, is in no continent."""
    if code == "QO":
        return set()
    if code in contains:
        return set().union(*(expand(part) for part in contains[code]["_contains"]))
    return {code} & countries


groups = {}


def group(name, members, source):
    assert name not in groups and members and all(m in countries | regions for m in members), name
    groups[name] = (set(members), source)


for code, name in zip(M49[::2], M49[1::2]):
    group(name, expand(code), f"UN M49 {code}, as in CLDR")
group("eu", expand("EU"), "CLDR")
group("eurozone", expand("EZ") | {"BG"}, "CLDR, and BG, which joined on 2026-01-01")
member = lambda name: groups[name][0]
efta = {"CH", "IS", "LI", "NO"}
emea = member("europe") | member("africa") | member("western-asia") | member("central-asia") | {"IR"}
group("efta", efta, "EFTA convention")
group("eea", member("eu") | efta - {"CH"}, "EEA agreement")
group("dach", {"AT", "CH", "DE"}, "usage: the German-speaking market")
group("benelux", {"BE", "LU", "NL"}, "Benelux treaty")
group("nordics", {"AX", "DK", "FI", "FO", "GL", "IS", "NO", "SE"}, "Nordic Council")
group("scandinavia", {"DK", "NO", "SE"}, "usage")
group("baltics", {"EE", "LT", "LV"}, "usage")
group("uk-ie", {"GB", "IE"}, "usage")
group("iberia", {"ES", "PT"}, "usage")
group("cee", "AL BG CZ EE HR HU LT LV PL RO SI SK".split(), "OECD: central and eastern European countries")
group("gcc", "AE BH KW OM QA SA".split(), "GCC charter")
group(
    "mena",
    "AE BH DJ DZ EG IL IQ IR JO KW LB LY MA OM PS QA SA SY TN YE".split(),
    "World Bank regions of 2024, without MT",
)
group("asean", "BN ID KH LA MM MY PH SG TH TL VN".split(), "ASEAN, with TL since 2025-10-26")
group("anz", {"AU", "NZ"}, "usage")
group("emea", emea, "usage: europe, africa, western-asia, central-asia, IR")
group("apac", (member("asia") | member("oceania")) - emea, "usage: asia and oceania without emea")
group("amer", member("americas"), "usage: americas; so emea, apac and amer share no country and leave out only AQ")
group("noram", member("northern-america"), "usage: northern-america; so noram and latam make up amer")
group("latam", member("latin-america-and-the-caribbean"), "usage: latin-america-and-the-caribbean")
assert emea | member("apac") | member("amer") == countries - {"AQ"}, "a country falls through"
census = defaultdict(set)
for row in rows("us_census_regions_divisions.csv"):
    for name in (row["Region"], row["Division"]):
        census["us-" + name.lower().replace(" ", "-")].add("US-" + row["State Code"])
for name, states in census.items():
    group(name, states, "US Census Bureau")

# --- zone-names.tsv -----------------------------------------------------------------------------------------------

HOURS = [datetime(2027, 1, 1, tzinfo=timezone.utc) + timedelta(hours=h) for h in range(2 * 365 * 24)]


def clock(zone):
    info = ZoneInfo(zone)
    return tuple(hour.astimezone(info).utcoffset() for hour in HOURS)


# Of one country's zones that agree, the name that people know; else the first in zone.tab.
PREFERRED = """
    America/Sao_Paulo America/Manaus America/Rio_Branco Australia/Sydney America/Edmonton America/Vancouver Europe/Samara
    America/Toronto America/Winnipeg Australia/Adelaide Asia/Yakutsk America/Punta_Arenas Pacific/Pohnpei
    America/Argentina/Buenos_Aires Asia/Tashkent
""".split()
# Names of clocks, which are of no place.
CLOCKS = set("CET CST6CDT EET EST EST5EDT HST MET MST MST7MDT PST8PDT WET".split())

in_country, zone_of = defaultdict(lambda: defaultdict(list)), {}
for country, _, zone, *_ in tab("tz_zone.tab"):
    in_country[country][clock(zone)].append(zone)
for agreeing in in_country.values():
    for zones in agreeing.values():
        best = next((zone for zone in zones if zone in PREFERRED), zones[0])
        zone_of.update((zone, best) for zone in zones)
links = {}
for line in tab("tz_backward"):
    words = "\t".join(line).split()
    if words[0] == "Link" and words[2] not in zone_of and words[2] not in CLOCKS:
        # The name after `#=` is the same place; the target may be another one that merely agrees.
        links[words[2]] = words[4] if words[3:4] == ["#="] else words[1]
# Places whose target lies in another country.
links |= {"Africa/Timbuktu": "Africa/Bamako", "America/Coral_Harbour": "America/Atikokan"}
links |= {"Atlantic/Jan_Mayen": "Arctic/Longyearbyen", "Pacific/Johnston": "Pacific/Wake"}
for name in list(links):
    target = links[name]
    while target in links:
        target = links[target]
    if target in zone_of:
        zone_of[name] = zone_of[target]

# --- zones.tsv ----------------------------------------------------------------------------------------------------

# A place lies in a zone when at least nine in ten of its people do (censuses of 2020 to 2023); `-`: in none.
COUNTRIES = """
    BR America/Sao_Paulo  CL America/Santiago  CN Asia/Shanghai  EC America/Guayaquil  ES Europe/Madrid  GL America/Nuuk
    KI Pacific/Tarawa  MN Asia/Ulaanbaatar  NZ Pacific/Auckland  PF Pacific/Tahiti  PG Pacific/Port_Moresby
    PT Europe/Lisbon  UA Europe/Kyiv
""".split()
REGIONS = """
AU Australia/Sydney ACT NSW TAS VIC
AU Australia/Brisbane QLD
AU Australia/Adelaide SA
AU Australia/Darwin NT
AU Australia/Perth WA
BR America/Sao_Paulo AL AP BA CE DF ES GO MA MG PA PB PE PI PR RJ RN RS SC SE SP TO
BR America/Manaus AM MS MT RO RR
BR America/Rio_Branco AC
CA America/St_Johns NL
CA America/Halifax NB NS PE
CA America/Toronto ON QC
CA America/Winnipeg MB
CA America/Edmonton AB NT SK
CA America/Vancouver BC YT
CA - NU
CD Africa/Kinshasa BC EQ KG KL KN MN MO NU SU TU
CD Africa/Lubumbashi BU HK HL HU IT KC KE KS LO LU MA NK SA SK TA TO
CL America/Punta_Arenas AI MA
CN - XJ
CN Asia/Hong_Kong HK
CN Asia/Macau MO
CN Asia/Taipei TW
EC Pacific/Galapagos W
ES Atlantic/Canary CN GC TF
FI Europe/Mariehamn 01
FM Pacific/Chuuk TRK YAP
FM Pacific/Pohnpei KSA PNI
FR America/Cayenne 973
FR America/Guadeloupe 971
FR America/Marigot MF
FR America/Martinique 972
FR America/Miquelon PM
FR America/St_Barthelemy BL
FR Indian/Kerguelen TF
FR Indian/Mayotte 976
FR Indian/Reunion 974
FR Pacific/Noumea NC
FR Pacific/Tahiti PF
FR Pacific/Wallis WF
FR - CP
ID Asia/Jakarta AC BB BE BT JA JB JI JK JT JW KB KR KT LA RI SB SM SS SU YO
ID Asia/Makassar BA GO KI KS KU NB NT NU SA SG SL SN SR ST
ID Asia/Jayapura MA ML MU PA PB PD PE PP PS PT
KI Pacific/Kanton P
KI Pacific/Kiritimati L
MN Asia/Hovd 043 046 071
MX America/Mexico_City AGU CAM CHP CMX COL DUR GRO GUA HID JAL MEX MIC MOR NLE OAX PUE QUE SLP TAB TLA VER YUC ZAC
MX America/Cancun ROO
MX America/Mazatlan BCS SIN SON
MX America/Tijuana BCN
MX - CHH COA NAY TAM
NL America/Aruba AW
NL America/Curacao CW
NL America/Kralendijk BQ1 BQ2 BQ3
NL America/Lower_Princes SX
NO Arctic/Longyearbyen 21 22
NZ Pacific/Chatham CIT
PG Pacific/Bougainville NSB
PT Atlantic/Azores 20
RU Europe/Kaliningrad KGD
RU Europe/Moscow AD ARK BEL BRY CE CU DA IN IVA KB KC KDA KIR KL KLU KO KOS KR KRS LEN LIP ME MO MOS MOW MUR NEN NGR
RU Europe/Moscow NIZ ORL PNZ PSK ROS RYA SE SMO SPE STA TA TAM TUL TVE VGG VLA VLG VOR YAR
RU Europe/Samara AST SAM SAR UD ULY
RU Asia/Yekaterinburg BA CHE KGN KHM ORE PER SVE TYU YAN
RU Asia/Omsk OMS
RU Asia/Novosibirsk AL ALT KEM KK KYA NVS TOM TY
RU Asia/Irkutsk BU IRK
RU Asia/Yakutsk AMU SA ZAB
RU Asia/Vladivostok KHA PRI YEV
RU Asia/Magadan MAG SAK
RU Asia/Kamchatka CHU KAM
UA Europe/Simferopol 40 43
US America/New_York CT DC DE FL GA MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV
US America/Chicago AL AR IA IL KS LA MN MO MS ND NE OK TX WI
US America/Denver CO MT NM UT WY
US America/Phoenix AZ
US America/Los_Angeles CA NV OR WA
US America/Anchorage AK
US Pacific/Honolulu HI
US America/Puerto_Rico PR
US America/St_Thomas VI
US Pacific/Guam GU
US Pacific/Pago_Pago AS
US Pacific/Saipan MP
US - ID IN KY SD TN UM
"""
zone_at = {}
for country, agreeing in in_country.items():
    if len(agreeing) == 1:
        zone_at[country] = zone_of[next(iter(agreeing.values()))[0]]
for country, zone in zip(COUNTRIES[::2], COUNTRIES[1::2]):
    assert country not in zone_at and zone_of[zone] == zone, country
    zone_at[country] = zone
listed = defaultdict(set)
for line in REGIONS.split("\n")[1:-1]:
    country, zone, *parts = line.split()
    assert zone == "-" or zone_of[zone] == zone, (zone, zone_of[zone])
    for part in parts:
        code = f"{country}-{part}"
        assert code not in zone_at, code
        zone_at[code] = zone
        listed[country].add(code)
for country, agree in in_country.items():
    if len(agree) > 1 and country not in zone_at:
        print(country, "has no zone of its own; regions without one:", sorted(
            code for code in regions if code.startswith(country) and code not in listed[country]))

# ------------------------------------------------------------------------------------------------------------------


def write(name, lines):
    (here / name).write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


write("groups.tsv", ((name, " ".join(sorted(members)), source) for name, (members, source) in sorted(groups.items())))
write("zone-names.tsv", sorted(zone_of.items()))
write("zones.tsv", sorted(zone_at.items()))
