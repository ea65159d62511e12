#!/usr/bin/env python3
"""Work out the claims of the demo case from its items, by the method alone.

usage: demo_claims.py [CASEFILES]

expected/items.tsv names by hand which rules apply to whom; the ratios, caps,
thresholds and words are read from rules/.  This adds up, in integers, and
compares with expected/claims.tsv (what is said by name), considered.tsv (what
stays below that) and headline.tsv; exit 1 if they differ.  An item in
brackets is one that a common cause took away.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def rows(path):
    with open(path, encoding="utf-8") as f:
        head = f.readline().rstrip("\n").split("\t")
        return [dict(zip(head, line.rstrip("\n").split("\t"))) for line in f]


def ruleset(path):
    caps, rules, thresholds, rule = {}, {}, {}, None
    with open(path, encoding="utf-8") as f:
        for line in f:
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "threshold":
                rest = dict(zip(words[6:8:2], words[7:8]))
                thresholds[words[1]] = (
                    int(words[3]), int(words[5]),
                    words[7:] if words[6:7] == ["anyof"] else None,
                    int(rest.get("associated", 0)))
            elif words[0] == "family" and "cap" in words:
                caps[words[1]] = int(words[3])
            elif words[0] == "rule":
                rule = rules[words[1]] = {"add": False}
            elif rule is not None and words[0] == "family":
                rule["family"] = words[1]
            elif rule is not None and words[0] == "lr":
                rule["add"] = words[1] == "add"
                if words[-1].lstrip("-").isdigit():
                    rule["lr"] = tuple(int(w) for w in words[-3:])
    return caps, rules, thresholds


def word(scale, low, high):
    value = low if low > 0 else -high if high < 0 else None
    if value is None:
        return "none"
    return [w for limit, w in scale if limit <= value][-1]


def four(court, possible, unknown, of):
    return (len(court), len(possible), len(unknown),
            len(of) - len(unknown) - len(possible), len(of))


def by_account(cc, accounts, every, name=lambda account: account):
    """court, possible, unknown, insufficient, of: accounts, or operators."""
    of = [c for c in every if c[0] == "country" and c[2] == cc]
    located = {name(a["account"]) for a in accounts if a["located"] == "yes"}
    return four({name(c[1]) for c in of if c[7] == "yes"},
                {name(c[1]) for c in of if int(c[5]) >= 1000},
                {name(a["account"]) for a in accounts} - located,
                {name(a["account"]) for a in accounts})


def by_operator(cc, accounts, every):
    """Accounts that met pairs join count once."""
    first = {a["account"]: a["account"] for a in accounts}
    for claim in every:
        if claim[0] == "same-operator" and claim[7] == "yes":
            a, b = (first[n] for n in claim[1].split(" "))
            first = {n: min(a, b) if f in (a, b) else f
                     for n, f in first.items()}
    return by_account(cc, accounts, every, first.get)


def by_organisation(cc, _, every):
    """Those of the register with one account for which both hold."""
    with open(os.path.join(HERE, "..", "..", "casefiles", "demo",
                           "register.csv"), encoding="utf-8") as f:
        names = {line.split(",")[0] for line in f.read().splitlines()[1:]}
    orgs = [c for c in every if c[0] == "organisation"]
    country = {c[1]: c for c in every if c[0] == "country" and c[2] == cc}
    pairs = [(o, country[o[1]]) for o in orgs if o[1] in country]
    return four({o[2] for o, c in pairs if o[7] == c[7] == "yes"},
                {o[2] for o, c in pairs
                 if int(o[5]) >= 1000 and int(c[5]) >= 1000},
                names - {o[2] for o in orgs}, names)


FIGURES = {"accounts": by_account, "operators": by_operator,
           "organisations": by_organisation}


def main(argv):
    case = argv[0] if argv else os.path.join(HERE, "..", "..", "casefiles")
    want = os.path.join(case, "demo", "expected")
    caps, rules, thresholds = ruleset(
        os.path.join(case, "rules", "starter.rules"))
    with open(os.path.join(case, "rules", "enfsi-2015.scale"),
              encoding="utf-8") as f:
        scale = [(int(line.split("\t")[0]), line.rstrip("\n").split("\t")[1])
                 for line in f if not line.startswith("#")]
    claims, order = {}, []
    for item in rows(os.path.join(want, "items.tsv")):
        key = (item["asks"], item["subjects"], item["object"])
        if key not in claims:
            claims[key] = []
            order.append(key)
        claims[key].append(item["item"])
    totals = {}
    head = "asks\tsubjects\tobject\tlow\tmid\thigh\tword\tmet"
    said, below = [head], [head]
    for key in order:
        family, adds, against = {}, {}, {}
        for name in claims[key]:
            if name.startswith("("):
                continue
            if name.startswith("inherit:"):
                pair = " ".join(sorted((key[1], name[len("inherit:"):])))
                total, parts = totals["same-operator", pair, "-"]
                best = max(parts, key=lambda f: (parts[f], f))
                family[best] = tuple(min(v, 3000) for v in total)
                continue
            rule = rules[name]
            put = adds if rule["add"] else family
            if rule["lr"][0] < 0:
                # The most negative of a family, uncapped.
                against[rule["family"]] = min(
                    against.get(rule["family"], (0, 0, 0)), rule["lr"])
                continue
            put[rule["family"]] = max(
                put.get(rule["family"], (-9999,) * 3), rule["lr"])
        for f in family:
            more = adds.get(f, (0, 0, 0))
            family[f] = tuple(min(a + b, caps[f])
                              for a, b in zip(family[f], more))
        total = tuple(
            sum(v[i] for v in list(family.values()) + list(against.values()))
            for i in range(3))
        totals[key] = total, family
        low, count, anyof, associated = thresholds[key[0]]
        supporting = [f for f in family if family[f][0] > 0]
        met = (total[0] >= low and len(supporting) >= count and
               (anyof is None or any(f in anyof for f in supporting)))
        # Pairs from "associated" on, countries with located sessions.
        named = met or (associated and total[0] >= associated) or any(
            n.startswith("R901") and n not in ("R901d", "R901e")
            for n in claims[key])
        (said if named else below).append("\t".join(key + tuple(str(v) for v in total) + (
            word(scale, total[0], total[2]), "yes" if met else "no")))
    accounts = rows(os.path.join(want, "accounts.tsv"))
    figures = ["figure\tcountry\tcourt\tpossible\tunknown\tinsufficient\tof"]
    every = [line.split("\t") for line in said[1:] + below[1:]]
    for row in rows(os.path.join(want, "headline.tsv")):
        figures.append("\t".join(
            (row["figure"], row["country"]) + tuple(str(n) for n in FIGURES[
                row["figure"]](row["country"], accounts, every))))
    bad = 0
    for name, text in (("claims", said), ("considered", below),
                       ("headline", figures)):
        with open(os.path.join(want, name + ".tsv"), encoding="utf-8") as f:
            for a, b in zip(f.read().splitlines() + [""], text + [""]):
                if a != b:
                    print("%s.tsv: stands %s\n   worked out %s" % (name, a, b))
                    bad = 1
    print("%d claims, %d more considered, %d accounts" % (
        len(said) - 1, len(below) - 1, len(accounts)))
    return bad


sys.exit(main(sys.argv[1:]))
