#!/usr/bin/env python3
"""Condenses public lists into the tables beside this file: condense.py FOLDER

FOLDER holds the sources that README.md names, under its file names. What is chosen from them, and what is added to
them, stands here; a choice that its source does not have is an error.
"""

import csv
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent

# Listed as free mail, but the mail domain of a company, a university or an authority: its leads are somebody's.
NOT_FREE = """
about.com acninc.net adoption.com alibaba.com ancestry.com arcotronics.bg autoescuelanerja.com aver.com
baudoinconsulting.com berlin.de berlinexpo.de bolt.com brittonsign.com broadcast.net cad.edu.gr casablancaresort.com
charter.com cntv.cn comcast.com cox.com dailypioneer.com detik.com discovery.com dmtc.edu.pl dnsmadeeasy.com
ecbsolutions.net enel.net eurosport.com furnitureprovider.com homestead.com icmsconsultants.com infomart.or.jp
ivillage.com law.com medscape.com mydomain.com name.com naplesnews.net nus.edu.sg oath.com onmilwaukee.com parrot.com
press.co.jp recycler.com rvshop.com saudia.com singpost.com space.com swissinfo.org techspot.com test.de toast.com
toolsource.com twc.com unican.es upf.org violinmakers.co.uk www.dmtc.edu.pl
"""

# Slips of the pen in the source, and domains below a suffix that is no more.
MALFORMED = """
abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk.com check.com12 email.tst hotmail.roor milmail.com15
music.com19 prontomail.compopulus.net snail-mail.ney webmail.co.yu yandex.mail zzom.co.uk1033edge.com
zzom.co.ukgmail.com zzom.co.ukhitmail.com zzom.co.uksina.com0-mail.com
"""

# Free mail that the source, of 2020, lacks: mail services, relays that hide an address, and the customers' mail of
# internet providers.
FREE_TOO = """
proton.me pm.me protonmail.ch hey.com duck.com tutanota.com tutanota.de tutamail.com tuta.com tuta.io keemail.me
zohomail.com zohomail.eu zohomail.in mailbox.org posteo.de posteo.net posteo.eu posteo.at posteo.ch skiff.com onmail.com
disroot.org riseup.net startmail.com mailfence.com ctemplar.com countermail.com kolabnow.com murena.io e.email
privaterelay.appleid.com mozmail.com simplelogin.com simplelogin.co aleeas.com slmail.me addy.io anonaddy.com
anonaddy.me passmail.net passinbox.com passfwd.com gmx.us gmx.ch gmx.li email.de myyahoo.com daum.net nate.com kakao.com
docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp ymobile.ne.jp btinternet.com talktalk.net virginmedia.com
ntlworld.com shaw.ca sympatico.ca telus.net telenet.be skynet.be proximus.be bluewin.ch hispeed.ch sunrise.ch
magenta.de kabelmail.de unitybox.de sfr.fr neuf.fr bbox.fr aliceadsl.fr numericable.fr azet.sk telia.com comhem.se
bredband.net online.no getmail.no mail.dk stofanet.dk internode.on.net yahoo.com.tr mynet.com.tr rocketmail.co.uk
"""

# Legal forms worth taking off a name. `where`: at the end, the start, or both; `glued`: written without a space, at
# either end of a word. `how`: `any` way; only in `capitals` or marked; only `marked`, that is, with dots or a slash
# (e.V., K/S) or with a capital that is not the first letter alone (eV, SpA). A form that is also a common word, a name
# or a place must show what it is. Most are in ISO 20275; left out are those that are part of a name to people who use
# it (bank, cooperative, foundation, trust), and those of persons and public bodies.
FORMS = {
    "end any": """
        ab abp ag aisbl akciovaspolecnost aksjeselskap aktiebolag aktiengesellschaft aktieselskab
        anonimsirketi anpartsselskab aps asbl beslotenvennootschap
        beslotenvennootschapmetbeperkteaansprakelijkheid bhd bv bvba cia cialtda cie co coinc coltd company
        corp corporation cvba cyf dmcc dno ead ebvba eeig ehf eireli eirl ekffr ekfm eood fzco fze fzllc gbr
        geie gesbr gesellschaftmbh gesellschaftmitbeschrankterhaftung gesmbh ggmbh gie gmbh haftungsbeschrankt
        hf inc incco incorporated incorporee ivs jdoo jtd kft kg kgaa kkt kommanditgesellschaft kommg
        korlatoltfelelossegutarsasag l3c limitada limited limitedcompany limitedliabilitycompany
        limitedliabilitypartnership limitedpartnership limitedsirketi limitee lllp llp lp ltd ltda ltdco
        ltdliabilityco ltdpartnership ltdsti ltee mbh naamlozevennootschap nv nyrt oeg
        offenehandelsgesellschaft ohg ood osakeyhtio oyj partg partgmbb persero plc pllc pllp pltd
        privatelimited proprietarylimited proprietaryltd pte pteltd pty ptylimited ptyltd publiclimitedcompany
        pvt pvtltd qsc rlllp rllp sa sab sabdecv sadecv saoc saog sapi sapibdecv sapidecv sarls sas sasdecv
        scarl scderldecv scrl sderl sderldecv sdnbhd se senc sencrl shpk sl slhf slu smba snc sociedadanonima
        sociedadlimitada societaaresponsabilitalimitata societaperazioni societeanonyme
        societearesponsabilitelimitee societeparactionssimplifiee sofomenr sofomer spj spk spolkaakcyjna
        spolkazograniczonaodpowiedzialnoscia spolsro spp sprderldecv sprl sprlu spzoo srl srls sro suarl tbk
        ughaftungsbeschrankt ulc ultd unlimitedcompany unltd vof vvag vzw wll zrt αε εε επε ικε οε ад еад еоод
        одо оод בעמ ذمم شمم จำกัดมหาชน
    """,
    "end capitals": """
        amba ans as asa bsc bt cic da doo hb kb keg ky mmc odo og ou saa sac sal sau sca scs slp spa ug
    """,
    "end marked": "ad ae ba cv dd ee eg ek eu ev is kd ks lc na pa pc ps psa psc sam sha ska ss vos",
    "both any": """
        cjsc eurl jsc llc oao ojsc ooo oy pjsc sarl sasu uab zao акционерноеобщество ао
        закрытоеакционерноеобщество зао оао обществосограниченнойответственностью ооо пао прат
        публичноеакционерноеобщество тов тоо 有 株 유 주
    """,
    "both capitals": "ao pao sia",
    "both marked": "sc",
    "start any": "congtycophan congtytnhh ctcp ctytnhh ets gaec perseroanterbatas pt شركة شرکت",
    "start capitals": "tov",
    "start marked": "prat",
    "glued any": "จำกัด บริษัท 合同会社 合名会社 合資会社 有限会社 有限公司 有限責任公司 有限责任公司 株式会社 股份有限公司 유한회사 주식회사",
}


def fold(text):
    """As src/fold.rs does, for letters."""
    text = unicodedata.normalize("NFKD", text)
    text = unicodedata.normalize("NFKC", "".join(c for c in text if not 0x300 <= ord(c) <= 0x36F))
    for letter, plain in (("ß", "ss"), ("ø", "o"), ("đ", "d"), ("ł", "l"), ("æ", "ae"), ("œ", "oe"), ("ı", "i")):
        text = text.replace(letter, plain).replace(letter.upper(), plain)
    return "".join(c for c in text.upper().lower() if c.isalnum() or unicodedata.category(c).startswith("M"))


def write(name, lines):
    (HERE / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    print(f"{name}: {len(lines)} lines")


def mail(sources):
    free = set((sources / "freemail_free.txt").read_text(encoding="utf-8").lower().split("\n"))
    missing = set(NOT_FREE.split() + MALFORMED.split()) - free
    assert not missing, missing
    free = {domain for domain in free if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain)}
    free = free - set(NOT_FREE.split() + MALFORMED.split()) | set(FREE_TOO.split())
    disposable = set((sources / "disposable_email_blocklist.conf").read_text(encoding="utf-8").split())
    write("free_mail.txt", sorted(free - disposable))
    write("disposable_mail.txt", sorted(disposable))


def legal_forms(sources):
    listed = set()
    with (sources / "2023-09-28-elf-code-list-v1.5.csv").open(encoding="utf-8-sig") as source:
        for row in csv.DictReader(source):
            names = [row["Entity Legal Form name Local name"]]
            for column in ("Abbreviations Local language", "Abbreviations transliterated"):
                names += re.split("[;,]", row[column])
            listed |= {fold(name) for name in names}
    lines = {}
    for kind, forms in FORMS.items():
        for form in map(fold, forms.split()):
            assert form not in lines, f"{form} is there twice"
            lines[form] = "\t".join([form, *kind.split()])
    print(f"{len(lines.keys() & listed)} of {len(lines)} legal forms are in ISO 20275")
    write("legal_forms.tsv", sorted(lines.values()))


def industries(sources):
    naics = {}
    with (sources / "naics_2022_clean.csv").open(encoding="utf-8") as source:
        for row in csv.DictReader(source):
            naics[row["code"]] = row["title"]
            if "-" in row["code"]:
                first, last = row["code"].split("-")
                # The parts of a sector that spans several numbers carry its title.
                naics |= {str(part): row["title"] for part in range(int(first), int(last) + 1)}
    sic = {}
    for name, column in (("major-groups", "Major Group"), ("industry-groups", "Industry Group"), ("sic-codes", "SIC")):
        with (sources / f"sic_{name}.csv").open(encoding="utf-8") as source:
            sic |= {row[column]: row["Description"] for row in csv.DictReader(source)}
    for name, table in (("naics", naics), ("sic", sic)):
        write(f"{name}.tsv", [f"{code}\t{' '.join(title.split())}" for code, title in sorted(table.items())])


if __name__ == "__main__":
    shared = pathlib.Path(sys.argv[1])
    mail(shared / "email_domains")
    legal_forms(shared / "legal_forms")
    industries(shared / "industry_codes")
