"""Makes leads.csv, the sample that the demo routes. Usage: python3 make_leads.py > leads.csv

Nothing in it is real: the companies are invented, every domain lies under `.example` (RFC 2606), and every phone number
is from a range that the country's regulator keeps free for fiction. The seed is fixed, so that the file only changes
when this script does.
"""

import csv
import random
import sys
import unicodedata

LEADS = 400
SEED = 20261122

# Share of the leads, typical score and its spread.
SOURCES = {
    "demo_request": (30, 77, 13),
    "referral": (18, 75, 12),
    "webinar": (34, 55, 14),
    "content_download": (18, 38, 14),
}

# Country: share, cities with their ISO 3166-2 region, number form (each # is a digit), given and family names.
COUNTRIES = {
    "US": (
        30,
        [("Austin", "US-TX"), ("Boston", "US-MA"), ("Chicago", "US-IL"), ("Denver", "US-CO"), ("Seattle", "US-WA")],
        ["(512) 555-01##", "(617) 555-01##", "(312) 555-01##", "(303) 555-01##", "(206) 555-01##"],
        "Maya Jordan Alicia Marcus Priya Ethan Rosa Tyler Naomi Victor Grace Omar",
        "Whitfield Castillo Nguyen Brooks Patel Harmon Okafor Sullivan Reyes Lindqvist Park Delgado",
    ),
    "GB": (
        18,
        [("London", "GB-LND"), ("Manchester", "GB-MAN"), ("Edinburgh", "GB-EDH"), ("Bristol", "GB-BST")],
        ["020 7946 0###", "0161 496 0###", "0131 496 0###", "0117 496 0###"],
        "Amelia Callum Freya Imran Isla Rhys Zara Duncan Poppy Kwame",
        "Ashworth Bakare Campbell Hussain Pemberton Llewellyn Thornton Ali Mackenzie Drake",
    ),
    "DE": (
        15,
        [("Berlin", "DE-BE"), ("München", "DE-BY"), ("Hamburg", "DE-HH"), ("Köln", "DE-NW")],
        ["030 23125 ###", "089 99998 ###", "040 66969 ###", "0221 4710 ###"],
        "Anneke Jürgen Leonie Matthias Sabine Tarek Friederike Björn Ayşe Lukas",
        "Brandt Krüger Yılmaz Hoffmann Scholz Nowak Lehmann Bäcker Vogt Sauer",
    ),
    "FR": (
        12,
        [("Paris", "FR-IDF"), ("Lyon", "FR-ARA"), ("Nantes", "FR-PDL"), ("Toulouse", "FR-OCC")],
        ["01 99 00 ## ##", "04 65 71 ## ##", "02 61 91 ## ##", "05 36 49 ## ##"],
        "Camille Bastien Élodie Mehdi Margaux Thibault Aïcha Rémi Solène Yann",
        "Lefèvre Moreau Benali Girard Rousseau Fontaine Chevallier Marchand Diallo Perrin",
    ),
    "CA": (
        10,
        [("Toronto", "CA-ON"), ("Vancouver", "CA-BC"), ("Montréal", "CA-QC")],
        ["416-555-01##", "604-555-01##", "514-555-01##"],
        "Chloe Liam Simone Arjun Noémie Declan Mei Gabriel",
        "Tremblay MacLeod Singh Bouchard Chen Fraser Gagnon Osei",
    ),
    "AU": (
        8,
        [("Sydney", "AU-NSW"), ("Melbourne", "AU-VIC"), ("Brisbane", "AU-QLD")],
        ["02 5550 ####", "03 7010 ####", "07 7010 ####"],
        "Matilda Cooper Anh Harriet Lachlan Talia Darius Ruby",
        "Gallagher Tran Whitlam Papadopoulos O'Rourke Haddad Mercer Young",
    ),
    "SE": (
        7,
        [("Stockholm", "SE-AB"), ("Göteborg", "SE-O")],
        ["08-465 004 ##", "031-390 06 ##"],
        "Astrid Elias Linnea Oskar Saga Hamid",
        "Bergström Håkansson Sjöberg Nilsson Ekdahl Rahimi",
    ),
}

STEMS = (
    "Alder Arclight Bluefin Borealis Bramble Calder Cinder Cobalt Copperleaf Driftwood Ember Fathom Ferrous Foxglove Granite "
    "Harbor Hawthorn Ironwood Juniper Kestrel Lantern Larkspur Linden Lodestar Marlow Meridian Mosaic Nettle Nimbus Northgate "
    "Onyx Orchard Osprey Palisade Pinecrest Quarry Quill Redwood Ridgeline Rowan Saffron Sagebrush Sable Sextant Silverbirch "
    "Solstice Sparrow Stonebridge Tamarack Tidewater Timber Umber Vantage Verdant Wayfarer Wicker Willowbank Yarrow Zephyr"
).split()
INDUSTRIES = {
    "Software": ["Systems", "Software", "Labs"],
    "Logistics": ["Freight", "Logistics", "Cargo"],
    "Healthcare": ["Health", "Clinics", "Diagnostics"],
    "Manufacturing": ["Works", "Tooling", "Castings"],
    "Financial services": ["Capital", "Insurance", "Payments"],
    "Retail": ["Outfitters", "Stores", "Trading"],
    "Energy": ["Power", "Renewables", "Grid"],
    "Professional services": ["Advisory", "Partners", "Consulting"],
}
TITLES = {
    "Software": ["VP Engineering", "Head of RevOps", "CTO"],
    "Logistics": ["Operations Director", "Fleet Manager", "COO"],
    "Healthcare": ["Practice Manager", "Director of IT", "Procurement Lead"],
    "Manufacturing": ["Plant Manager", "Head of Sales", "Supply Chain Director"],
    "Financial services": ["Head of Distribution", "Compliance Manager", "CFO"],
    "Retail": ["E-commerce Manager", "Head of Marketing", "Store Operations Lead"],
    "Energy": ["Commercial Director", "Asset Manager", "Head of Partnerships"],
    "Professional services": ["Managing Partner", "Business Development Manager", "Office Manager"],
}
PRODUCTS = ["Routing", "Pools", "Analytics", "CRM bridge", "Calendar sync", ""]
SIZES = [(1, 49, 45), (50, 499, 38), (500, 12_000, 17)]
COLUMNS = (
    "Company,Website,Employees,Industry,Country,Region,City,Contact Name,Job Title,Email,Phone,Lead Source,Stage,Score,Grade,"
    "Product Interest"
).split(",")


def weighted(rng, table):
    """One key of a table whose values start with (or are) a share."""
    shares = [v[0] if isinstance(v, tuple) else v for v in table.values()]
    return rng.choices(list(table), shares)[0]


def ascii_of(text):
    """The text as it stands in an address: lower case, without accents."""
    flat = unicodedata.normalize("NFKD", text.replace("ı", "i").replace("ø", "o")).encode("ascii", "ignore").decode()
    return "".join(c for c in flat.lower() if c.isalnum())


def companies(rng):
    """Invented companies, each name once."""
    names = [(stem, industry, word) for stem in STEMS for industry, words in INDUSTRIES.items() for word in words]
    rng.shuffle(names)
    for stem, industry, word in names:
        low, high, _ = rng.choices(SIZES, [share for *_, share in SIZES])[0]
        # Small companies are more common than large ones inside a band, too.
        employees = round(low * (high / low) ** rng.random())
        yield f"{stem} {word}", f"{stem}-{word}.example".lower(), employees, industry


def lead(rng, company):
    """One row."""
    name, domain, employees, industry = company
    country = weighted(rng, COUNTRIES)
    _, cities, phones, given, family = COUNTRIES[country]
    at = rng.randrange(len(cities))
    first, last = rng.choice(given.split()), rng.choice(family.split())
    source = weighted(rng, SOURCES)
    _, typical, spread = SOURCES[source]
    # Larger companies score a little higher, as they would with most scoring systems.
    score = min(100, max(1, round(rng.gauss(typical + (4 if employees >= 500 else 0), spread))))
    phone = "".join(rng.choice("0123456789") if c == "#" else c for c in phones[at % len(phones)])
    return [
        name,
        domain,
        employees,
        industry,
        country,
        cities[at][1],
        cities[at][0],
        f"{first} {last}",
        rng.choice(TITLES[industry]),
        f"{ascii_of(first)}.{ascii_of(last)}@{domain}",
        phone if rng.random() < 0.85 else "",
        source,
        "sql" if score >= 80 else "mql" if score >= 50 else "icp",
        score,
        "ABCD"[min(3, (100 - score) // 20)],
        rng.choice(PRODUCTS),
    ]


def main():
    rng = random.Random(SEED)
    phones = set()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    # Several people of one company ask now and then.
    pool = companies(rng)
    known = []
    for _ in range(LEADS):
        if known and rng.random() < 0.12:
            company = rng.choice(known)
        else:
            company = next(pool)
            known.append(company)
        row = lead(rng, company)
        # Who has the same phone number is the same lead: what drew a number that is taken leaves it out.
        at = COLUMNS.index("Phone")
        if row[at] in phones:
            row[at] = ""
        elif row[at]:
            phones.add(row[at])
        out.writerow(row)


if __name__ == "__main__":
    main()
