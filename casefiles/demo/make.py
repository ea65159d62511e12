#!/usr/bin/env python3
"""Write the captured folder of the demo case, the same bytes each time.

usage: make.py [FOLDER]

Everything here is invented: people, organisations, numbers, posts.  The
addresses are documentation ranges, the network numbers too (RFC 5737, 3849,
5398); +93 000, +92 000 and +49 000 are numbers that no network can assign.
The result is committed; run this only to change the case, then correct
expected/ by hand.
"""
import binascii
import datetime
import io
import json
import os
import struct
import sys
import zipfile

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "captured")

INVITE = "https://t.me/+Fr0ntExamp1eInv1te"
X = "16000000000000001%02d"
FB = "100000000000%d"


# --- bytes ------------------------------------------------------------------

def save(path, data):
    if isinstance(data, str):
        data = data.encode("utf-8")
    path = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def png(colour):
    """An 8 by 8 picture of one colour, deflate blocks stored."""
    raw = b"".join(b"\0" + bytes(colour) * 8 for _ in range(8))
    adler = (1, 0)
    for byte in raw:
        a = (adler[0] + byte) % 65521
        adler = (a, (adler[1] + a) % 65521)
    data = (b"\x78\x01\x01" + struct.pack("<HH", len(raw), len(raw) ^ 0xffff)
            + raw + struct.pack(">I", adler[1] << 16 | adler[0]))

    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body
                + struct.pack(">I", binascii.crc32(kind + body)))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name in sorted(files):
            data = files[name]
            if isinstance(data, str):
                data = data.encode("utf-8")
            info = zipfile.ZipInfo(name, (2026, 6, 1, 12, 0, 0))
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            stored = name.endswith((".png", ".zip"))
            info.compress_type = (zipfile.ZIP_STORED if stored
                                  else zipfile.ZIP_DEFLATED)
            z.writestr(info, data, compresslevel=9)
    return out.getvalue()


def pretty(value):
    return json.dumps(value, ensure_ascii=False, indent=2,
                      separators=(",", " : "))


def bech32(program):
    """A BIP 173 address for a program that is no hash of any key."""
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    value, bits, data = 0, 0, [0]
    for byte in program:
        value, bits = value << 8 | byte, bits + 8
        while bits >= 5:
            bits -= 5
            data.append(value >> bits & 31)
    check = 1
    for v in [3, 3, 0, 2, 3] + data + [0] * 6:
        top = check >> 25
        check = (check & 0x1ffffff) << 5 ^ v
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                               0x3d4233dd, 0x2a1462b3)):
            if top >> i & 1:
                check ^= g
    check ^= 1
    data += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return "bc1" + "".join(letters[v] for v in data)


WALLET = bech32(b"Front of Example FOE")


# --- times ------------------------------------------------------------------

def moment(text):
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if "." in text else "%Y-%m-%dT%H:%M:%SZ"
    return datetime.datetime.strptime(text, form).replace(
        tzinfo=datetime.timezone.utc)


def epoch(text):
    return int(moment(text).timestamp())


def x_id(text, serial):
    """An X id whose time is that of the post."""
    ms = epoch(text) * 1000 + 400 - 1288834974657
    return str(ms << 22 | serial)


def x_time(text):
    return moment(text).strftime("%a %b %d %H:%M:%S +0000 %Y")


# --- X ----------------------------------------------------------------------

def x_account(n, handle, name, email, created):
    return [{"account": {
        "email": email, "createdVia": "web", "username": handle,
        "accountId": X % n, "createdAt": created,
        "accountDisplayName": name}}]


def x_ips(n, rows):
    return [{"ipAudit": {"accountId": X % n, "createdAt": t, "loginIp": ip}}
            for t, ip in rows]


def x_tweet(time, serial, text, lang, urls=(), mentions=(), reply=None,
            media=None):
    tweet = {
        "retweeted": False,
        "source": '<a href="https://mobile.twitter.com" rel="nofollow">'
                  'Twitter Web App</a>',
        "entities": {
            "hashtags": [], "symbols": [],
            "user_mentions": [
                {"name": name, "screen_name": handle,
                 "indices": ["0", "5"], "id_str": X % n, "id": X % n}
                for n, handle, name in mentions],
            "urls": [{"url": short, "expanded_url": full,
                      "display_url": full.split("//")[1],
                      "indices": ["0", "5"]} for short, full in urls]},
        "favorite_count": "3", "retweet_count": "1", "truncated": False,
        "id_str": x_id(time, serial), "id": x_id(time, serial),
        "created_at": x_time(time), "full_text": text, "lang": lang}
    if reply:
        tweet["in_reply_to_status_id_str"] = reply[0]
        tweet["in_reply_to_user_id_str"] = X % reply[1]
        tweet["in_reply_to_screen_name"] = reply[2]
    if media:
        tweet["extended_entities"] = {"media": [{
            "id_str": x_id(time, serial + 1), "type": "photo",
            "media_url_https": "https://pbs.twimg.com/media/" + media}]}
    return {"tweet": tweet}


def x_edges(word, numbers):
    return [{word: {"accountId": X % n,
                    "userLink": "https://twitter.com/intent/user?user_id="
                                + X % n}} for n in numbers]


def x_archive(n, handle, name, parts, declared=None, media=None, extra=None):
    """The files of a data archive; declared overrides the manifest."""
    files, types = {}, {}
    for part, rows in parts.items():
        stem = part.replace("-", "_")
        if part == "direct-messages":
            count = len(rows)
        else:
            count = (declared or {}).get(part, len(rows))
        files["data/%s.js" % part] = "window.YTD.%s.part0 = %s" % (
            stem, pretty(rows) if rows else "[ ]")
        word = part.split("-")[0] + "".join(
            w.capitalize() for w in part.split("-")[1:])
        types[word] = {"files": [{
            "fileName": "data/%s.js" % part,
            "globalName": "YTD.%s.part0" % stem, "count": str(count)}]}
    files["data/manifest.js"] = "window.__THAR_CONFIG = " + pretty({
        "userInfo": {"accountId": X % n, "userName": handle,
                     "displayName": name},
        "archiveInfo": {"sizeBytes": "4096",
                        "generationDate": "2026-06-01T10:00:00.000Z",
                        "isPartialArchive": False,
                        "maxPartSizeBytes": "53687091200"},
        "dataTypes": types})
    for path, data in (media or {}).items():
        files["data/tweets_media/" + path] = data
    files.update(extra or {})
    return files


def x_answer(n, parts, folder="x/answers/"):
    """The files of an answer to an order: clear-signed text."""
    files = {}
    for part, rows in parts.items():
        files["%s%s-%s.txt" % (folder, X % n, part)] = (
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
            + (pretty(rows) if rows else "[ ]")
            + "\n-----BEGIN PGP SIGNATURE-----\n\n"
            "VGhpcyBpcyBubyBzaWduYXR1cmU6IHRoZSBkZW1vIGNhc2UgaXMgaW52ZW50ZWQu\n"
            "=AAAA\n-----END PGP SIGNATURE-----\n")
    return files


def x_profile(bio, website, place):
    return [{"profile": {"description": {
        "bio": bio, "website": website, "location": place}}}]


def x_front_of_example():
    """01: the voice of Front of Example; archive handed over as a zip."""
    t1, t2, t3, t4 = ("2026-03-10T05:20:00Z", "2026-03-18T15:10:00Z",
                      "2026-04-02T06:00:00Z", "2026-05-05T06:10:00Z")
    picture = x_id(t3, 0) + "-F0ExPicture.png"
    parts = {
        "account": x_account(1, "front_of_example",
                             "Front of Example | جبهة المثال",
                             "desk@foe.example.org",
                             "2023-11-02T08:00:00.000Z"),
        "account-creation-ip": [{"accountCreationIp": {
            "accountId": X % 1, "userCreationIp": "192.0.2.10"}}],
        "account-timezone": [{"accountTimezone": {
            "accountId": X % 1, "timeZone": "Kabul"}}],
        "phone-number": [{"device": {"phoneNumber": "+930005550101"}}],
        "screen-name-change": [{"screenNameChange": {
            "accountId": X % 1, "screenNameChange": {
                "changedAt": "2024-01-15T09:00:00.000Z",
                "changedFrom": "example_front",
                "changedTo": "front_of_example"}}}],
        "email-address-change": [{"emailAddressChange": {
            "accountId": X % 1, "emailChange": {
                "changedAt": "2024-02-01T09:30:00.000Z",
                "changedFrom": "first@foe.example.org",
                "changedTo": "desk@foe.example.org"}}}],
        "ni-devices": [{"niDeviceResponse": {"pushDevice": {
            "deviceVersion": "14", "deviceType": "EX-200",
            "token": "demo-push-0101",
            "udid": "0d0e0f10-0000-4000-8000-000000000101",
            "updatedDate": "2026.05.05", "createdDate": "2025.12.01"}}}],
        "device-token": [{"deviceToken": {
            "clientApplicationId": "258901", "token": "demo-token-0101",
            "createdAt": "2025-12-01T10:00:00.000Z",
            "lastSeenAt": "2026-05-05T06:00:00.000Z",
            "clientApplicationName": "Twitter for Android"}}],
        "profile": x_profile(
            "The official account. د مثال جبهه. Join: " + INVITE,
            "https://www.facebook.com/profile.php?id=" + FB % 301,
            "where the road begins"),
        "ip-audit": x_ips(1, [
            ("2026-05-05T06:00:00.000Z", "192.0.2.10"),
            ("2026-04-21T04:20:10.000Z", "192.0.2.10"),
            ("2026-04-02T17:01:44.321Z", "203.0.113.130"),
            ("2026-04-02T05:55:12.000Z", "192.0.2.10"),
            ("2026-03-19T07:30:00.250Z", "203.0.113.130"),
            ("2026-03-18T15:05:30.000Z", "192.0.2.10"),
            ("2026-03-14T06:40:00.500Z", "192.0.2.10"),
            ("2026-03-10T05:12:09.100Z", "192.0.2.10")]),
        "tweets": [
            x_tweet(t1, 0, "New channel, same voice. https://t.co/foe01", "en",
                    urls=[("https://t.co/foe01", INVITE)]),
            x_tweet(t2, 0, "Support the Front: " + WALLET, "en"),
            x_tweet(t3, 0, "د مثال جبهه نوی انځور https://t.co/foe03", "ps",
                    media="F0ExPicture.png"),
            x_tweet(t4, 0, "@lina_reports We speak here only.", "en",
                    mentions=[(5, "lina_reports", "Lina Reports")],
                    reply=(x_id("2026-04-03T08:00:00Z", 0), 5,
                           "lina_reports"))],
        "direct-messages": [{"dmConversation": {
            "conversationId": "%s-%s" % (X % 1, X % 2), "messages": [
                {"messageCreate": {
                    "recipientId": X % 2, "reactions": [], "urls": [],
                    "text": "The picture goes out tomorrow.",
                    "mediaUrls": [], "senderId": X % 1,
                    "id": x_id("2026-04-01T16:00:00Z", 0),
                    "createdAt": "2026-04-01T16:00:00.400Z"}},
                {"messageCreate": {
                    "recipientId": X % 1, "reactions": [], "urls": [],
                    "text": "سمه ده", "mediaUrls": [], "senderId": X % 2,
                    "id": x_id("2026-04-01T16:05:00Z", 0),
                    "createdAt": "2026-04-01T16:05:00.400Z"}}]}}],
        "follower": x_edges("follower", [2, 7]),
        "following": x_edges("following", [2]),
        "block": x_edges("blocking", [6]),
    }
    files = x_archive(
        1, "front_of_example", "Front of Example | جبهة المثال", parts,
        declared={"ip-audit": 9}, media={picture: png((10, 90, 60))},
        extra={"Your archive.html": "<!DOCTYPE html>\n<title>Your archive"
                                    "</title>\n<p>Open data/ instead.\n"})
    save("x/archives/front_of_example.zip", zipped(files))


def x_lina():
    """05: a reporter who posts, quotes and reposts all of it."""
    t1, t2, t3, t4 = ("2026-03-11T09:00:00Z", "2026-03-19T10:00:00Z",
                      "2026-04-03T08:00:00Z", "2026-04-04T08:30:00Z")
    picture = x_id(t4, 0) + "-LinaPicture.png"
    parts = {
        "account": x_account(5, "lina_reports", "Lina Reports",
                             "lina@press.example.net",
                             "2019-05-20T12:00:00.000Z"),
        "phone-number": [{"device": {"phoneNumber": "+490005550105"}}],
        "profile": x_profile("Reporter. lina@press.example.net, "
                             "Telegram @lina_notes",
                             "https://press.example.net/lina",
                             "on the train"),
        "ip-audit": x_ips(5, [
            ("2026-04-20T11:00:00.000Z", "198.51.100.40"),
            ("2026-04-03T07:50:00.000Z", "198.51.100.10"),
            ("2026-03-19T09:45:00.000Z", "198.51.100.10"),
            ("2026-03-11T08:50:00.000Z", "198.51.100.10")]),
        "tweets": [
            x_tweet(t1, 0, "The Front has a new channel, for the record: "
                           "https://t.co/lin01", "en",
                    urls=[("https://t.co/lin01", INVITE)]),
            x_tweet(t2, 0, "They ask for money again, now at " + WALLET
                    + " (do not send any)", "en"),
            x_tweet(t3, 0, "RT @front_of_example: New channel, same voice. "
                           "https://t.co/foe01", "en",
                    urls=[("https://t.co/foe01", INVITE)],
                    mentions=[(1, "front_of_example", "Front of Example")]),
            x_tweet(t4, 0, "This picture of theirs is two years old. "
                           "https://t.co/lin04", "en",
                    media="LinaPicture.png")],
        "follower": x_edges("follower", [7]),
        "following": x_edges("following", [1, 3, 4]),
    }
    save("x/archives/lina_reports.zip", zipped(x_archive(
        5, "lina_reports", "Lina Reports", parts,
        media={picture: png((10, 90, 60))})))


def x_fan():
    """07: an admirer with the invite in the biography."""
    parts = {
        "account": x_account(7, "hill_listener", "Hill Listener",
                             "hill@mail.example.com",
                             "2024-06-01T18:00:00.000Z"),
        "profile": x_profile("Only listening. " + INVITE, "", "a green hill"),
        "ip-audit": x_ips(7, [
            ("2026-04-12T19:30:00.000Z", "198.51.100.70"),
            ("2026-04-05T20:00:00.000Z", "198.51.100.70")]),
        "tweets": [x_tweet("2026-04-05T20:10:00Z", 0,
                           "What a voice @front_of_example", "en",
                           mentions=[(1, "front_of_example",
                                      "Front of Example")])],
        "following": x_edges("following", [1]),
    }
    save("x/archives/hill_listener.zip", zipped(x_archive(
        7, "hill_listener", "Hill Listener", parts)))


def x_impersonator():
    """06: pretends to be the Front; archive handed over unpacked."""
    parts = {
        "account": x_account(6, "front_of_examp1e", "Front of Example",
                             "win@prize.example.com",
                             "2026-01-10T07:00:00.000Z"),
        "profile": x_profile("Official second account, write for prizes",
                             "https://x.com/front_of_example", ""),
        "ip-audit": x_ips(6, [
            ("2026-04-17T13:20:00.000Z", "198.51.100.200"),
            ("2026-04-16T13:00:00.000Z", "198.51.100.200")]),
        "mute": x_edges("muting", [5]),
    }
    for name, data in x_archive(6, "front_of_examp1e", "Front of Example",
                                parts).items():
        save("x/archives/front_of_examp1e/" + name, data)


def x_household():
    """15: a student; the number is the family's."""
    parts = {
        "account": x_account(15, "daryacheh_15", "دریاچه",
                             "student@mail.example.com",
                             "2025-09-01T15:00:00.000Z"),
        "phone-number": [{"device": {"phoneNumber": "+920005550199"}}],
        "ni-devices": [{"niDeviceResponse": {"messagingDevice": {
            "phoneNumber": "+920005550199", "carrier": "xx.democarrier",
            "deviceType": "Auth", "updatedDate": "2026.03.28",
            "createdDate": "2025.09.01"}}}],
        "ip-audit": x_ips(15, [
            ("2026-03-28T16:00:00.000Z", "198.51.100.170")]),
        "device-token": [],
    }
    for name, data in x_archive(15, "daryacheh_15", "دریاچه",
                                parts).items():
        save("x/archives/daryacheh_15/" + name, data)


def x_answers():
    twice = ("2026-03-25T09:00:00.000Z", "198.51.100.130")
    answers = {}
    answers.update(x_answer(2, {
        "account": x_account(2, "foe_media", "FoE Media",
                             "desk@foe.example.org",
                             "2024-03-05T06:00:00.000Z"),
        "account-creation-ip": [{"accountCreationIp": {
            "accountId": X % 2, "userCreationIp": "203.0.113.5"}}],
        "ip-audit": x_ips(2, [
            ("2026-04-15T08:00:00.000Z", "203.0.113.131"),
            ("2026-04-08T10:10:00.000Z", "198.51.100.130"),
            twice, twice,
            ("2026-03-18T15:50:00.000Z", "192.0.2.10"),
            ("2026-03-14T06:55:00.000Z", "192.0.2.10"),
            ("2026-03-10T05:40:00.000Z", "192.0.2.10")]),
        "device-token": [{"deviceToken": {
            "clientApplicationId": "258901", "token": "demo-token-0102",
            "createdAt": "2026-01-20T10:00:00.000Z",
            "lastSeenAt": "2026-04-15T08:00:00.000Z",
            "clientApplicationName": "Twitter for Android"}}],
        "tweets": [
            x_tweet("2026-03-10T06:00:00Z", 0, "جبهة المثال: صورة جديدة",
                    "ar"),
            x_tweet("2026-03-18T16:00:00Z", 0,
                    "RT @front_of_example: Support the Front", "en",
                    mentions=[(1, "front_of_example",
                               "Front of Example")])],
        "follower": x_edges("follower", [1]),
    }))
    answers.update(x_answer(3, {
        "account": x_account(3, "elc_voice", "Example Liberation Column",
                             "column@elc.example.org",
                             "2022-12-12T12:12:12.000Z"),
        "ip-audit": x_ips(3, [
            ("2026-04-20T09:15:30.000Z", "203.0.113.165"),
            ("2026-04-01T11:00:00.000Z", "192.0.2.70"),
            ("2026-03-16T10:20:00.000Z", "192.0.2.70"),
            ("2026-03-12T10:00:00.000Z", "192.0.2.70")]),
        "tweets": [x_tweet("2026-03-12T10:05:00Z", 0,
                           "مثال کالم کی آواز", "ur")],
        "account-suspension": [{"accountSuspension": {
            "timeStamp": "2026-05-20T00:00:00.000Z", "action": "Suspend"}}],
    }))
    answers.update(x_answer(4, {
        "account": x_account(4, "grey_river", "Society of the Grey River",
                             "grey.river@example.net",
                             "2021-01-30T04:00:00.000Z"),
        "ip-audit": x_ips(4, [
            ("2026-04-22T05:00:00.000Z", "203.0.113.200"),
            ("2026-04-09T05:10:00.000Z", "192.0.2.140"),
            ("2026-03-27T05:05:00.000Z", "192.0.2.140"),
            ("2026-03-13T05:00:00.000Z", "192.0.2.140")]),
        "device-token": [{"deviceToken": {
            "clientApplicationId": "129032", "token": "demo-token-shared",
            "createdAt": "2026-03-13T05:00:00.000Z",
            "lastSeenAt": "2026-04-22T05:00:00.000Z",
            "clientApplicationName": "Twitter for iPhone"}}],
        "deleted-tweets": [x_tweet("2026-03-13T05:30:00Z", 0,
                                   "The river rises at noon", "en")],
    }))
    answers.update(x_answer(14, {
        "account": x_account(14, "grey_river_news", "Grey River News",
                             "grey.river+news@example.net",
                             "2025-10-10T04:00:00.000Z"),
        "ip-audit": x_ips(14, [
            ("2026-04-23T15:00:00.000Z", "203.0.113.201"),
            ("2026-04-10T15:00:00.000Z", "192.0.2.141"),
            ("2026-03-28T15:00:00.000Z", "192.0.2.141"),
            ("2026-03-14T15:00:00.000Z", "192.0.2.141")]),
        "device-token": [{"deviceToken": {
            "clientApplicationId": "129032", "token": "demo-token-shared",
            "createdAt": "2026-03-21T10:00:00.000Z",
            "lastSeenAt": "2026-04-23T15:00:00.000Z",
            "clientApplicationName": "Twitter for iPhone"}}],
    }))
    answers.update(x_answer(8, {
        "account": x_account(8, "blue_kite_8", "Blue Kite",
                             "kite@mail.example.com",
                             "2025-02-02T02:02:02.000Z"),
        "ip-audit": x_ips(8, [
            ("2026-04-14T21:00:00.000Z", "203.0.113.6"),
            ("2026-03-30T21:00:00.000Z", "203.0.113.5"),
            ("2026-03-22T21:00:00.000Z", "203.0.113.5")]),
    }))
    answers.update(x_answer(9, {
        "account": x_account(9, "orchard_keeper", "باغوان",
                             "orchard@mail.example.com",
                             "2023-03-03T03:03:03.000Z"),
        "ip-audit": x_ips(9, [
            ("2026-03-25T09:20:00.000Z", "198.51.100.130")]),
    }))
    answers.update(x_answer(10, {
        "account": x_account(10, "border_trader", "Border Trader",
                             "trader@mail.example.com",
                             "2022-08-08T08:08:08.000Z"),
        "ip-audit": x_ips(10, [
            ("2026-04-18T07:00:00.000Z", "192.0.2.50")]),
    }))
    answers.update(x_answer(11, {
        "account": x_account(11, "quiet_eleven", "Quiet Eleven",
                             "quiet@mail.example.com",
                             "2026-02-11T11:11:11.000Z"),
        "ip-audit": [],
    }))
    for name, data in answers.items():
        save(name, data)
    inner = x_answer(12, {
        "account": x_account(12, "salt_lake_12", "دریاچه نمک",
                             "salt@mail.example.com",
                             "2024-12-12T00:00:00.000Z"),
        "ip-audit": x_ips(12, [
            ("2026-04-12T12:30:00.000Z", "192.0.2.200"),
            ("2026-04-11T12:00:00.000Z", "192.0.2.200"),
            ("2026-03-22T21:10:00.000Z", "203.0.113.5")]),
    }, "answer/")
    save("x/second delivery.zip", zipped({
        "read me first.txt": "The answer to the second order is in the inner "
                             "archive.\n",
        "inner.zip": zipped(inner)}))


# --- Telegram ---------------------------------------------------------------

TG_ZONE = 16200     # the exporting machine: UTC+04:30


def tg_times(time, word="date"):
    at = epoch(time)
    local = datetime.datetime.fromtimestamp(
        at + TG_ZONE, datetime.timezone.utc)
    unix = word + "_unixtime"
    return {word: local.strftime("%Y-%m-%dT%H:%M:%S"), unix: str(at)}


def tg_message(n, time, sender, sender_id, text, **more):
    parts = text if isinstance(text, list) else (
        [{"type": "plain", "text": text}] if text else [])
    entities = [p if isinstance(p, dict) else {"type": "plain", "text": p}
                for p in parts]
    message = {"id": n, "type": "message"}
    message.update(tg_times(time))
    message.update({"from": sender, "from_id": sender_id})
    message.update(more)
    message.update({"text": text, "text_entities": entities})
    return message


def tg_service(n, time, actor, actor_id, action, **more):
    message = {"id": n, "type": "service"}
    message.update(tg_times(time))
    message.update({"actor": actor, "actor_id": actor_id, "action": action})
    message.update(more)
    message.update({"text": "", "text_entities": []})
    return message


def tg_text(value):
    return json.dumps(value, ensure_ascii=False, indent=1)


def tg_session(time, ip, country, model, app):
    session = tg_times(time, "last_active")
    session.update({
        "last_ip": ip, "last_country": country, "last_region": "",
        "application_name": app, "application_version": "11.2",
        "device_model": model, "platform": app.split()[-1],
        "system_version": "EX 14"})
    session.update(tg_times("2026-01-05T08:00:00Z", "created"))
    return session


def tg_account(n, first, last, phone, username, bio, sessions, contacts=(),
               chats=()):
    return {
        "about": "Here is the data you requested.",
        "personal_information": {
            "user_id": n, "first_name": first, "last_name": last,
            "phone_number": phone, "username": username, "bio": bio},
        "contacts": {"about": "", "list": [
            dict({"user_id": u, "first_name": f, "last_name": "",
                  "phone_number": p}, **tg_times(t))
            for u, f, p, t in contacts]},
        "sessions": {"about": "", "list": sessions},
        "chats": {"about": "", "list": list(chats)}}


def telegram():
    save("telegram/account 7000000101/result.json", tg_text(tg_account(
        7000000101, "Zarrin", "Editor", "+930005550101", "@zarrin_desk",
        "Words before noon.", [
            tg_session("2026-03-14T07:10:00Z", "192.0.2.10", "Afghanistan",
                       "EX Desktop", "Telegram Desktop"),
            tg_session("2026-03-18T15:20:00Z", "192.0.2.10", "Afghanistan",
                       "EX-200", "Telegram Android"),
            tg_session("2026-04-21T04:45:00Z", "192.0.2.10", "Afghanistan",
                       "EX-Tab", "Telegram Android")],
        contacts=[
            (7000000110, "Omid", "+10005550110", "2025-12-20T09:00:00Z"),
            (7000000111, "نرگس", "+10005550111", "2025-12-21T09:00:00Z")],
        chats=[{"name": "Omid", "type": "personal_chat", "id": 7000000110,
                "messages": [
                    tg_message(11, "2026-03-15T06:00:00Z", "Omid",
                               "user7000000110", "Is the text ready?"),
                    tg_message(12, "2026-03-15T06:02:00Z", "Zarrin Editor",
                               "user7000000101", "له غرمې وروسته")]}])))
    save("telegram/account 7000000102/result.json", tg_text(tg_account(
        7000000102, "Bahar", "", "+920005550102", "@bahar_column", "",
        [tg_session("2026-04-19T10:00:00Z", "198.51.100.166", "Pakistan",
                    "EX-150", "Telegram Android")])))
    name, who = "Front of Example | جبهة المثال", "channel1900000201"
    save("telegram/channel front_of_example/result.json", tg_text({
        "name": name, "type": "public_channel", "id": 1900000201,
        "messages": [
            tg_service(1, "2026-03-09T04:00:00Z", name, who,
                       "create_channel", title=name),
            tg_message(2, "2026-03-10T05:00:00Z", name, who,
                       ["We are here now: ",
                        {"type": "link", "text": INVITE}]),
            tg_message(3, "2026-03-18T15:00:00Z", name, who,
                       "Support the Front: " + WALLET,
                       edited="2026-03-18T19:32:00",
                       edited_unixtime=str(epoch("2026-03-18T15:02:00Z"))),
            tg_message(4, "2026-04-02T05:58:00Z", name, who, "نوی انځور",
                       photo="photos/photo_1@02-04-2026_10-28-00.png",
                       width=8, height=8),
            tg_message(5, "2026-04-03T06:00:00Z", name, who, "",
                       file="(File not included. Change data exporting "
                            "settings to download.)",
                       media_type="video_file", mime_type="video/mp4",
                       duration_seconds=31),
            tg_message(6, "2026-04-06T07:00:00Z", name, who,
                       "The Column speaks too.",
                       forwarded_from="Example Liberation Column")]}))
    save("telegram/channel front_of_example/photos/"
         "photo_1@02-04-2026_10-28-00.png", png((10, 90, 60)))
    name, who = "Example Liberation Column", "channel1900000202"
    save("telegram/channel elc/result.json", tg_text({
        "name": name, "type": "private_channel", "id": 1900000202,
        "messages": [
            tg_service(1, "2026-03-11T09:00:00Z", name, who,
                       "create_channel", title=name),
            tg_message(2, "2026-03-12T09:30:00Z", name, who,
                       "مثال کالم: پہلا پیغام"),
            tg_message(3, "2026-04-06T06:00:00Z", name, who,
                       "A word to all friends.", reply_to_message_id=2)]}))
    group = "Readers of the River"
    save("telegram/group readers/result.json", tg_text({
        "name": group, "type": "private_supergroup", "id": 1800000203,
        "messages": [
            tg_service(1, "2026-03-20T10:00:00Z", "Omid", "user7000000110",
                       "create_group", title=group, members=["نرگس"]),
            tg_service(2, "2026-03-20T10:05:00Z", "Sami", "user7000000112",
                       "join_group_by_link", inviter="Group"),
            tg_message(3, "2026-03-20T10:06:00Z", "Sami", "user7000000112",
                       "سلام، باغ زیبا است"),
            tg_message(4, "2026-03-20T10:07:00Z", "نرگس", "user7000000111",
                       "Welcome", reply_to_message_id=3),
            tg_message(5, "2026-03-21T10:00:00Z", "Tara", "user7000000113",
                       "Seen elsewhere: " + INVITE)]}))
    whole = tg_text({
        "name": "Evening Tea", "type": "private_group", "id": 1800000204,
        "messages": [
            tg_message(1, "2026-04-24T17:00:00Z", "Nima", "user7000000114",
                       "چای تازه"),
            tg_message(2, "2026-04-24T17:01:00Z", "Roya", "user7000000115",
                       "On my way"),
            tg_message(3, "2026-04-24T17:02:00Z", "Nima", "user7000000114",
                       "This line was cut off when the disk was full")]})
    save("telegram/group cut off/result.json",
         whole[:whole.index("when the disk")])


# --- Facebook ---------------------------------------------------------------

def fb_text(value):
    """Facebook's writer: UTF-8, byte by byte, as Latin-1 escapes."""
    def bytewise(v):
        if isinstance(v, str):
            return v.encode("utf-8").decode("latin-1")
        if isinstance(v, list):
            return [bytewise(i) for i in v]
        if isinstance(v, dict):
            return {bytewise(k): bytewise(i) for k, i in v.items()}
        return v
    return json.dumps(bytewise(value), ensure_ascii=True, indent=2)


def fb_profile(n, name, username, emails, registered, phones=(), about=None,
               website=None):
    profile = {
        "name": {"full_name": name},
        "emails": {"emails": emails, "previous_emails": [],
                   "pending_emails": []},
        "registration_timestamp": epoch(registered),
        "username": username,
        "profile_uri": "https://www.facebook.com/profile.php?id=" + FB % n}
    if phones:
        profile["phone_numbers"] = [
            {"phone_type": "Mobile", "phone_number": p, "verified": v}
            for p, v in phones]
    if about:
        profile["about_me"] = about
    if website:
        profile["websites"] = [{"address": website}]
    return fb_text({"profile_v2": profile})


def fb_activity(rows):
    return fb_text({"account_activity_v2": [
        {"action": a, "timestamp": epoch(t), "ip_address": ip,
         "user_agent": "Mozilla/5.0 (Example)",
         "datr_cookie": "demo**************", "city": city, "region": "",
         "country": cc, "site_name": "www.facebook.com"}
        for a, t, ip, city, cc in rows]})


def fb_export(n, profile, activity, more=None):
    files = {
        "personal_information/profile_information/"
        "profile_information.json": profile,
        "security_and_login_information/account_activity.json":
            fb_activity(activity)}
    files.update(more or {})
    return files


def facebook():
    exports = {}
    exports["facebook-relief_desk_301/"] = fb_export(
        301, fb_profile(301, "FoE Relief Desk", "relief.desk",
                        ["relief@desk.example.com"], "2024-04-04T04:04:04Z",
                        about="Relief of the Front. د مثال جبهه",
                        website="https://x.com/front_of_example"),
        [("Login", "2026-03-24T06:00:00Z", "203.0.113.140", "شهر مثال", "AF"),
         ("Session updated", "2026-04-07T06:30:00Z", "203.0.113.140",
          "شهر مثال", "AF")])
    exports["facebook-bahar_302/"] = fb_export(
        302, fb_profile(302, "Bahar Column", "bahar.column",
                        ["column@elc.example.org"], "2020-02-20T20:20:20Z",
                        phones=[("+920005550102", True)]),
        [("Login", "2026-03-12T10:30:00Z", "192.0.2.71", "Example City",
          "PK"),
         ("Session updated", "2026-03-20T11:00:00Z", "192.0.2.71",
          "Example City", "PK")],
        {"security_and_login_information/logins_and_logouts.json":
            fb_text({"account_accesses_v2": [
                {"action": "Login",
                 "timestamp": epoch("2026-03-12T10:30:01Z"),
                 "site": "www.facebook.com", "ip_address": "192.0.2.71"},
                {"action": "Logout",
                 "timestamp": epoch("2026-03-12T12:00:00Z"),
                 "site": "www.facebook.com", "ip_address": "192.0.2.71"}]}),
         "connections/friends/your_friends.json":
            fb_text({"friends_v2": [
                {"name": "علی نمونه",
                 "timestamp": epoch("2021-05-05T05:05:05Z")},
                {"name": "Zoé Example",
                 "timestamp": epoch("2022-06-06T06:06:06Z")}]}),
         "messages/inbox/alinamuna_77/message_1.json": fb_text({
             "participants": [{"name": "علی نمونه"},
                              {"name": "Bahar Column"}],
             "messages": [
                 {"sender_name": "علی نمونه",
                  "timestamp_ms": epoch("2026-03-13T09:00:00Z") * 1000,
                  "content": "سلام", "is_geoblocked_for_viewer": False},
                 {"sender_name": "Bahar Column",
                  "timestamp_ms": epoch("2026-03-13T09:01:00Z") * 1000,
                  "content": "The sheet is on the table",
                  "is_geoblocked_for_viewer": False}],
             "title": "علی نمونه", "is_still_participant": True,
             "thread_path": "inbox/alinamuna_77", "magic_words": []})})
    exports["facebook-sadia_303/"] = fb_export(
        303, fb_profile(303, "Sadia Writes", "sadia.writes",
                        ["sadia@press.example.net"], "2012-01-01T01:01:01Z",
                        about="Reporter for a river paper"),
        [("Login", "2026-03-17T07:00:00Z", "203.0.113.170", "Example City",
          "PK"),
         ("Login", "2026-04-13T07:00:00Z", "203.0.113.170", "Example City",
          "PK")],
        {"your_facebook_activity/posts/your_posts__check_ins_1.json":
            fb_text([
                {"timestamp": epoch("2026-03-17T07:10:00Z"), "data": [
                    {"post": "The Column sent this invite around: " + INVITE}],
                 "title": "Sadia Writes posted."},
                {"timestamp": epoch("2026-04-13T07:10:00Z"), "data": [
                    {"post": "وہ اب پیسے مانگتے ہیں: " + WALLET}],
                 "title": "Sadia Writes posted."}])})
    exports["facebook-parent_305/"] = fb_export(
        305, fb_profile(305, "Parent of Fifteen", "parent.305",
                        ["parent@mail.example.com"], "2011-11-11T11:11:11Z",
                        phones=[("+920005550199", True)]),
        [("Login", "2026-03-29T18:00:00Z", "198.51.100.171", "Example City",
          "PK")])
    for folder, files in exports.items():
        for name, data in files.items():
            save("facebook/" + folder + name, data)
    save("facebook/facebook-apricot_306.zip", zipped(fb_export(
        306, fb_profile(306, "Apricot Seller", "apricot.306",
                        ["apricot@mail.example.com"], "2023-07-07T07:07:07Z"),
        [("Login", "2026-04-08T12:00:00Z", "198.51.100.150", "شهر مثال",
          "AF")])))


# --- tables and what nothing reads ------------------------------------------

def tables():
    save("tables/sign-ins März 2026.csv", "\r\n".join([
        "Account,Platform,Time (UTC),IP,Port,User Agent,Device",
        X % 3 + ",X,2026-04-20T09:15:30.200Z,203.0.113.165,40211,"
                '"ExampleBrowser/1.0 (PK, desktop)",',
        FB % 302 + ",Facebook,2026-04-20T09:15:30.900Z,203.0.113.165,40211,"
                   '"ExampleBrowser/1.0 (PK, desktop)",',
        X % 10 + ",X,18.04.2026 in the morning,192.0.2.50,51000,,",
        ""]))
    save("tables/client-offsets.csv", "\r\n".join([
        "Account,Platform,Time (UTC),UTC Offset",
        X % 1 + ",X,2026-04-02T05:55:12Z,+04:30",
        X % 2 + ",X,2026-03-18T15:50:00Z,+04:30",
        X % 3 + ",X,2026-04-01T11:00:00Z,+05:00",
        X % 4 + ",X,2026-04-09T05:10:00Z,+05:30",
        X % 14 + ",X,2026-04-10T15:00:00Z,+05:30",
        X % 7 + ",X,2026-04-12T19:30:00Z,+01:00",
        ""]))
    save("notes/یادداشت officer.txt",
         "Received on 2 June 2026, four envelopes. No mapping reads this.\n")


def main():
    x_front_of_example()
    x_lina()
    x_fan()
    x_impersonator()
    x_household()
    x_answers()
    telegram()
    facebook()
    tables()


main()
