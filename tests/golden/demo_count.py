#!/usr/bin/env python3
"""Count what the demo case holds, without any program of ours.

usage: demo_count.py [--write] [DEMO]

Reads DEMO/captured with the standard library alone and says, per artifact,
how it must end and how many facts of each kind it must give.  The rules
stand below, a line for each file of a platform; they were written from the
platforms' shapes and not from the mappings.  Without --write the result is
compared with DEMO/expected; exit 1 if they differ.
"""
import csv
import io
import json
import os
import re
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))


def members(folder):
    """(path, bytes) of every exhibit and, below an archive, its members."""
    found = []

    def archive(path, data):
        found.append((path, data))
        if not path.endswith(".zip"):
            return
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            for info in z.infolist():
                archive(path + "!/" + info.filename, z.read(info))
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as f:
                archive(os.path.relpath(path, folder), f.read())
    return sorted(found)


class Tally:
    """Facts by kind, rows set aside, rows that repeat an earlier one."""

    def __init__(self):
        self.kinds = {}
        self.set_aside = 0
        self.duplicated = 0

    def add(self, kind, n=1):
        if n:
            self.kinds[kind] = self.kinds.get(kind, 0) + n


# --- X ----------------------------------------------------------------------

def x_body(data):
    text = data.decode("utf-8")
    if text.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        body = text.split("\n\n", 1)[1]
        body = body.split("-----BEGIN PGP SIGNATURE-----")[0]
        text = re.sub("(?m)^- ", "", body)
    elif text.startswith("window."):
        text = text.split("=", 1)[1]
    return json.loads(text)


def x_posts(tally, rows):
    for row in rows:
        tweet = row["tweet"]
        tally.add("post")
        tally.add("edge", len(tweet["entities"]["user_mentions"]))
        tally.add("identifier", sum(
            "t.me/+" in u["expanded_url"] for u in tweet["entities"]["urls"]))
        tally.add("media", len(tweet.get("extended_entities", {}).get(
            "media", [])))


def x_device(tally, rows):
    for row in rows:
        row = row["niDeviceResponse"]
        tally.add("device")
        tally.add("identifier", "token" in row.get("pushDevice", {})
                  or "phoneNumber" in row.get("messagingDevice", {}))


def x_file(tally, name, data):
    """name: the part that export and answer share."""
    rows = x_body(data)
    if name == "manifest":
        tally.add("capture")
        for kind in rows["dataTypes"].values():
            tally.add("declared", len(kind.get("files", [])))
        return
    if name in ("tweets", "deleted-tweets"):
        x_posts(tally, rows)
        if name == "deleted-tweets":
            tally.add("status", len(rows))
        return
    if name == "ni-devices":
        return x_device(tally, rows)
    if name == "direct-messages":
        for row in rows:
            tally.add("message", len(row["dmConversation"]["messages"]))
        return
    seen = []
    for row in rows:
        if row in seen:
            tally.duplicated += 1
            continue
        seen.append(row)
        for kind in {
                "account": ("account", "identifier"),
                "account-creation-ip": ("login",),
                "account-timezone": ("setting",),
                "account-suspension": ("status",),
                "phone-number": ("identifier",),
                "screen-name-change": ("rename",),
                "email-address-change": ("rename", "identifier"),
                "device-token": ("device",),
                "profile": ("account",),
                "ip-audit": ("login",),
                "follower": ("edge",), "following": ("edge",),
                "block": ("edge",), "mute": ("edge",)}[name]:
            tally.add(kind)


# --- Telegram ---------------------------------------------------------------

def tg_chat(tally, chat):
    channel = chat["type"] in ("public_channel", "private_channel")
    for m in chat["messages"]:
        if m["type"] == "message":
            tally.add("post" if channel else "message")
            tally.add("media", "photo" in m or "file" in m)
        elif m["action"] in ("create_channel", "create_group",
                             "join_group_by_link", "join_group_by_request",
                             "migrate_to_supergroup"):
            tally.add("membership")
        if m["type"] == "service":
            tally.add("membership", len(m.get("members", [])))


def tg_file(tally, data):
    text = data.decode("utf-8")
    try:
        export = json.loads(text)
    except ValueError:
        # Cut off: keep the messages that are whole, one piece is lost.
        at = text.rindex("\n  {")
        export = json.loads(text[:at].rstrip().rstrip(",") + "]}")
        tally.set_aside += 1
    if "messages" in export:
        return tg_chat(tally, export)
    tally.add("account")
    tally.add("identifier", bool(
        export["personal_information"]["phone_number"]))
    tally.add("login", len(export["sessions"]["list"]))
    tally.add("edge", len(export["contacts"]["list"]))
    for chat in export["chats"]["list"]:
        tg_chat(tally, chat)


# --- Facebook and tables ----------------------------------------------------

def fb_file(tally, name, data):
    doc = json.loads(data)
    if name == "profile_information.json":
        profile = doc["profile_v2"]
        tally.add("account")
        tally.add("identifier", len(profile["emails"]["emails"])
                  + len(profile["emails"]["previous_emails"])
                  + len(profile.get("phone_numbers", [])))
    elif name == "account_activity.json":
        for row in doc["account_activity_v2"]:
            tally.add("login")
            tally.add("platform_claim", bool(row["country"]))
    elif name == "logins_and_logouts.json":
        tally.add("login", len(doc["account_accesses_v2"]))
    elif name == "your_friends.json":
        tally.add("edge", len(doc["friends_v2"]))
    elif name.startswith("your_posts"):
        tally.add("post", sum("post" in d for r in doc for d in r["data"]))
    elif name.startswith("message_"):
        tally.add("message", len(doc["messages"]))
    else:
        return False
    return True


def table(tally, name, data):
    time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
    kind = "login" if name.startswith("sign-ins") else "setting"
    for row in csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")):
        if time.match(row["Time (UTC)"]):
            tally.add(kind)
        else:
            tally.set_aside += 1


def count(path, data):
    """The outcome of an artifact, and its tally."""
    tally = Tally()
    name = path.rsplit("/", 1)[-1]
    if name.endswith(".zip"):
        return "container", tally
    if name.endswith(".png"):
        tally.add("media")
        return "media", tally
    answer = re.fullmatch(r"\d{19}-([a-z-]+)\.txt", name)
    part = re.search(r"(?:^|/)data/([a-z-]+)\.js$", path)
    if answer or part:
        x_file(tally, (answer or part).group(1), data)
    elif name == "result.json":
        tg_file(tally, data)
    elif name.endswith(".json"):
        if not fb_file(tally, name, data):
            return "unmapped", tally
    elif name.endswith(".csv"):
        table(tally, name, data)
    else:
        return "unmapped", tally
    if tally.set_aside:
        return "read-with-loss", tally
    return "read" if tally.kinds else "empty", tally


def main(argv):
    write = "--write" in argv
    argv = [a for a in argv if a != "--write"]
    demo = argv[0] if argv else os.path.join(
        HERE, "..", "..", "casefiles", "demo")
    artifacts = ["member\toutcome\tfacts\tduplicated\tset_aside"]
    facts, kinds = ["member\tkind\tfacts"], {}
    for path, data in members(os.path.join(demo, "captured")):
        outcome, tally = count(path, data)
        artifacts.append("%s\t%s\t%d\t%d\t%d" % (
            path, outcome, sum(tally.kinds.values()), tally.duplicated,
            tally.set_aside))
        for kind in sorted(tally.kinds):
            facts.append("%s\t%s\t%d" % (path, kind, tally.kinds[kind]))
            kinds[kind] = kinds.get(kind, 0) + tally.kinds[kind]
    facts += ["*\t%s\t%d" % (k, kinds[k]) for k in sorted(kinds)]
    facts.append("*\t*\t%d" % sum(kinds.values()))
    bad = 0
    for name, lines in (("artifacts", artifacts), ("facts", facts)):
        path = os.path.join(demo, "expected", name + ".tsv")
        text = "\n".join(lines) + "\n"
        if write:
            with open(path, "w", encoding="utf-8", newline="\n") as f:
                f.write(text)
            continue
        with open(path, encoding="utf-8") as f:
            if f.read() != text:
                print("%s: not what is counted in captured" % path)
                bad = 1
    print("%d artifacts, %d facts" % (
        len(artifacts) - 1, sum(kinds.values())))
    return bad


sys.exit(main(sys.argv[1:]))
