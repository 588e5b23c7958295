use proptest::prelude::*;

use super::*;

fn key(name: &str) -> String {
    Name::of(name).map(|name| name.key().to_owned()).unwrap_or_default()
}

/// Country by country: names as registers and people write them.
#[test]
fn legal_forms_come_off() {
    for (country, name, expected) in [
        ("US", "Apple Inc.", "apple"),
        ("US", "The Walt Disney Company", "walt disney"),
        ("US", "Walt Disney Company, The", "walt disney"),
        ("US", "AT&T, Inc", "at and t"),
        ("US", "Johnson & Johnson", "johnson and johnson"),
        ("US", "Ford Motor Co.", "ford motor"),
        ("US", "Smith and Jones, P.C.", "smith and jones"),
        ("US", "Kirkland & Ellis LLP", "kirkland and ellis"),
        ("US", "Citibank, N.A.", "citibank"),
        ("US", "Acme Limited Liability Company", "acme"),
        ("US", "Acme L.L.C.", "acme"),
        ("US", "Acme, L L C", "acme"),
        ("GB", "Marks and Spencer Group plc", "marks and spencer group"),
        ("GB", "Smith & Co. Ltd", "smith"),
        ("GB", "J.P. Morgan Limited", "jp morgan"),
        ("GB", "McDonald\u{2019}s Restaurants Ltd.", "mcdonalds restaurants"),
        ("IE", "Ryanair Designated Co. Ltd", "ryanair designated"),
        ("DE", "Müller Maschinenbau GmbH & Co. KG", "muller maschinenbau"),
        ("DE", "Müller Maschinenbau GmbH&Co.KG", "muller maschinenbau"),
        ("DE", "Bayerische Motoren Werke Aktiengesellschaft", "bayerische motoren werke"),
        ("DE", "SAP SE", "sap"),
        ("DE", "Start UG (haftungsbeschränkt)", "start"),
        ("DE", "Weiß Verwaltungsgesellschaft mbH", "weiss verwaltungsgesellschaft"),
        ("DE", "ADAC e.V.", "adac"),
        ("DE", "Genossenschaft eG", "genossenschaft"),
        ("AT", "Huber Ges.m.b.H.", "huber"),
        ("CH", "Zürcher Uhren Sàrl", "zurcher uhren"),
        ("FR", "L'Oréal S.A.", "loreal"),
        ("FR", "SARL Dupont et Fils", "dupont and fils"),
        ("FR", "Michelin & Cie", "michelin"),
        ("FR", "Société Générale SA", "societe generale"),
        ("LU", "Investissements S.à r.l.", "investissements"),
        ("LU", "Investissements S. à r. l.", "investissements"),
        ("BE", "Brouwerij De Molen BV", "brouwerij de molen"),
        ("NL", "Koninklijke Philips N.V.", "koninklijke philips"),
        ("NL", "Philips Besloten Vennootschap", "philips"),
        ("IT", "Enel S.p.A.", "enel"),
        ("IT", "Enel SpA", "enel"),
        ("IT", "Rossi S.r.l.", "rossi"),
        ("ES", "Telefónica, S. A.", "telefonica"),
        ("ES", "Hermanos García, S.L.U.", "hermanos garcia"),
        ("ES", "Pérez y Cía. S.L.", "perez"),
        ("PT", "Sonae SGPS, S.A.", "sonae sgps"),
        ("PT", "Silva & Filhos, Lda", "silva and filhos lda"),
        ("BR", "Natura Cosméticos S/A", "natura cosmeticos"),
        ("BR", "Comércio de Pães Ltda.", "comercio de paes"),
        ("MX", "Grupo Bimbo, S.A.B. de C.V.", "grupo bimbo"),
        ("MX", "Comercial S. de R. L. de C. V.", "comercial"),
        ("DK", "Novo Nordisk A/S", "novo nordisk"),
        ("DK", "Rødgrød ApS", "rodgrod"),
        ("SE", "Telefonaktiebolaget LM Ericsson AB", "telefonaktiebolaget lm ericsson"),
        ("NO", "Equinor ASA", "equinor"),
        ("NO", "Bergen Båtbyggeri AS", "bergen batbyggeri"),
        ("FI", "Oy Karl Fazer Ab", "karl fazer"),
        ("FI", "Nokia Oyj", "nokia"),
        ("IS", "Marel hf.", "marel"),
        ("EE", "Tallinna Vesi OÜ", "tallinna vesi"),
        ("LT", "UAB Tele2", "tele2"),
        ("LV", "SIA Tet", "tet"),
        ("PL", "Żabka Polska Sp. z o.o.", "zabka polska"),
        ("PL", "Orlen Spółka Akcyjna", "orlen"),
        ("PL", "Nowak sp. z o. o. sp. k.", "nowak"),
        ("CZ", "Škoda Auto a.s.", "skoda auto"),
        ("CZ", "Novák spol. s r.o.", "novak"),
        ("HU", "OTP Ingatlan Zrt.", "otp ingatlan"),
        ("HR", "Podravka d.d.", "podravka"),
        ("SI", "Krka d. o. o.", "krka"),
        ("BG", "Булгартабак ЕООД", "булгартабак"),
        ("GR", "ΟΠΑΠ Α.Ε.", "οπαπ"),
        ("RU", "ООО «Ромашка»", "ромашка"),
        ("RU", "OOO Romashka", "romashka"),
        ("RU", "ПАО Газпром", "газпром"),
        ("UA", "ТОВ Нова Пошта", "нова пошта"),
        ("TR", "Türk Hava Yolları A.Ş.", "turk hava yollari"),
        ("TR", "Yıldız Ltd. Şti.", "yildiz"),
        ("IL", "טבע בע\"מ", "טבע"),
        ("AE", "Emirates Trading FZ-LLC", "emirates trading"),
        ("IN", "Tata Consultancy Services Pvt. Ltd.", "tata consultancy services"),
        ("IN", "Infosys Private Limited", "infosys"),
        ("MY", "Petronas Sdn. Bhd.", "petronas"),
        ("SG", "Grab Holdings Pte Ltd", "grab holdings"),
        ("ID", "PT Astra International Tbk", "astra international"),
        ("ID", "PT. Telkom Indonesia (Persero) Tbk.", "telkom indonesia"),
        ("VN", "Công ty TNHH Hòa Phát", "hoa phat"),
        ("TH", "บริษัท ปตท จำกัด (มหาชน)", "ปตท"),
        ("AU", "Atlassian Pty Ltd", "atlassian"),
        ("CN", "华为技术有限公司", "华为技术"),
        ("CN", "中国石油天然气股份有限公司", "中国石油天然气"),
        ("CN", "Huawei Technologies Co., Ltd.", "huawei technologies"),
        ("JP", "株式会社トヨタ", "トヨタ"),
        ("JP", "㈱日立製作所", "日立製作所"),
        ("JP", "トヨタ自動車 株式会社", "トヨタ自動車"),
        ("KR", "삼성전자 주식회사", "삼성전자"),
        ("KR", "(주)카카오", "카카오"),
        ("KR", "주식회사A B", "ab"),
        ("AT", "Huber OG", "huber"),
        ("DK", "Hansen og Sønner A/S", "hansen and sonner"),
    ] {
        assert_eq!(key(name), expected, "{country}: {name}");
    }
}

#[test]
fn what_is_part_of_the_name_stays() {
    for (name, expected) in [
        ("Company of Heroes", "company of heroes"),
        ("AG", "ag"),
        ("Co", "co"),
        ("The AG", "ag"),
        ("S.A.", "sa"),
        ("The The", "the"),
        ("The Limited", "limited"),
        ("株式会社", "株式会社"),
        ("SAS Institute", "sas institute"),
        ("AB InBev", "ab inbev"),
        ("sia Abrasives", "sia abrasives"),
        ("Day Spa", "day spa"),
        ("Berlin Zoo", "berlin zoo"),
        ("Scooby Doo", "scooby doo"),
        ("Gaming PC", "gaming pc"),
        ("Vitamin E", "vitamin e"),
        ("Standard Chartered", "standard chartered"),
        ("Games Unlimited", "games unlimited"),
        ("Ford Foundation", "ford foundation"),
        ("Lloyds Bank", "lloyds bank"),
        ("Canal+", "canal plus"),
        ("C++ Consulting", "c plus plus consulting"),
        ("Procter + Gamble", "procter and gamble"),
        ("Coca-Cola", "coca cola"),
        ("Booking.com", "booking com"),
        ("E.ON", "e on"),
        ("3M", "3m"),
        ("& Other Stories", "and other stories"),
    ] {
        assert_eq!(key(name), expected, "{name}");
    }
    for none in ["", " ", "!!!", "...", "\u{301}", "''", "\u{200B}"] {
        assert_eq!(Name::of(none), None, "{none:?}");
    }
}

fn same(one: &str, other: &str) -> bool {
    Name::of(one).unwrap().is_same(&Name::of(other).unwrap())
}

#[test]
fn ways_to_write_a_name_are_the_same_and_different_names_are_not() {
    for (one, other) in [
        ("Müller GmbH", "MUELLER GMBH"),
        ("Müller GmbH", "Muller"),
        ("Mu\u{308}ller", "Müller"),
        ("Sørensen A/S", "Soerensen"),
        ("Ålesund AS", "Aalesund AS"),
        ("IBM", "I.B.M. Corp."),
        ("I B M", "IBM Inc"),
        ("Schmidt & Söhne", "SCHMIDT UND SOEHNE"),
        ("Ｓｏｎｙ", "Sony"),
        ("soft\u{AD}ware ag", "Software AG"),
    ] {
        assert!(same(one, other), "{one} = {other}");
    }
    for (one, other) in [
        ("Muller", "Mueller"),
        ("Blue", "Blu"),
        ("Ford Motor", "Ford Foundation"),
        ("Acme", "Acme Holding"),
        ("Acme Bank", "Acme Insurance"),
        ("ガス", "カス"),
        ("3M", "M"),
        ("Delta Air Lines", "Delta Faucet"),
        ("Canal+", "Canal"),
    ] {
        assert!(!same(one, other), "{one} is not {other}");
    }
}

/// Words that make hard names: forms, joining words, single letters, points.
fn hard() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "GmbH",
        "AG",
        "Co",
        "&",
        "the",
        "The",
        "and",
        "S",
        "A",
        "B",
        "V",
        "e.",
        "V.",
        "S.A.",
        "SpA",
        "spa",
        "Ltd",
        "Müller",
        "Øre",
        "ß",
        "limited",
        "liability",
        "company",
        "y",
        "e",
        "Cía",
        "OOO",
        "PT",
        "株式会社",
        "株式会社トヨタ有限公司",
        "+",
        "C+",
        "/",
        "'",
        "ŉ",
        "ﬁ",
        "d",
        "o",
        "z",
        "Sp.",
        "sc",
        "S.C.",
        "บริษัท",
        "ᄀ",
        "ᅡ",
        "\u{AAB0}",
        "\u{16FF0}",
        "OG",
        "og",
        "et",
    ]);
    prop::collection::vec((word, prop::sample::select(vec!["", " ", ".", "/", ", "])), 0..9)
        .prop_map(|words| words.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_key_is_its_own_name(name in prop_oneof![hard(), "\\PC{0,30}"]) {
        if let Some(found) = Name::of(&name) {
            for key in found.keys() {
                let again = Name::of(key).unwrap();
                prop_assert_eq!(again.key(), key);
                prop_assert!(again.is_same(&found));
                prop_assert!(!key.is_empty() && !key.starts_with(' ') && !key.ends_with(' ') && !key.contains("  "));
            }
        } else {
            prop_assert!(!name.chars().any(|c| c.is_alphanumeric() && !fold_apostrophe(c)));
        }
    }

    #[test]
    fn case_blanks_and_a_legal_form_make_no_difference(words in prop::collection::vec("[b-df-hj-np-tvwxz]{5,8}", 1..4)) {
        let name = words.join(" ");
        prop_assume!(key(&name) == name);
        for other in [
            name.to_uppercase(),
            format!("  {}  ", words.join("   ")),
            format!("The {name}"),
            format!("{name}, Inc."),
            format!("{name} GmbH & Co. KG"),
            format!("{name} S. A."),
            format!("{name} Limited"),
            words.join("-"),
        ] {
            prop_assert_eq!(key(&other), &*name, "{}", other);
        }
    }
}

fn fold_apostrophe(c: char) -> bool {
    crate::fold::apostrophe(c)
}
