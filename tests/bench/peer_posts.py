"""peer_posts.py FILE DATABASE: a tweets.js into tables, as a script would.

json and sqlite3 of the standard library; the same columns, hash, indexes and
full text as limit_posts.c.
"""
import datetime
import hashlib
import json
import re
import sqlite3
import sys


def instant(text):
    at = datetime.datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def main(source, database):
    with open(source, "rb") as f:
        data = f.read()
    print(hashlib.sha256(data).hexdigest())
    posts = json.loads(data[data.index(b"=") + 1:])
    del data
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE post(n INTEGER PRIMARY KEY, id TEXT, t TEXT, text TEXT, lang TEXT,"
               " client TEXT, reply_to TEXT, reply_account TEXT, url TEXT, account TEXT) STRICT")
    db.execute("CREATE TABLE mention(n INTEGER PRIMARY KEY, other TEXT, handle TEXT, name TEXT,"
               " t TEXT) STRICT")
    db.execute("BEGIN")
    for one in posts:
        tweet = one["tweet"]
        t = instant(tweet["created_at"])
        client = re.sub(r"<[^>]*>", "", tweet["source"])
        db.execute("INSERT INTO post VALUES(NULL,?,?,?,?,?,?,?,NULL,NULL)",
                   (tweet["id_str"], t, tweet["full_text"], tweet["lang"], client,
                    tweet.get("in_reply_to_status_id_str"), tweet.get("in_reply_to_user_id_str")))
        for mention in tweet["entities"]["user_mentions"]:
            db.execute("INSERT INTO mention VALUES(NULL,?,?,?,?)",
                       (mention["id_str"], mention["screen_name"], mention["name"], t))
    db.execute("COMMIT")
    db.execute("CREATE INDEX a ON post(id)")
    db.execute("CREATE INDEX b ON post(t)")
    db.execute("CREATE INDEX c ON mention(other)")
    db.execute("CREATE VIRTUAL TABLE words USING fts5(text, content='',"
               " tokenize='unicode61 remove_diacritics 2')")
    db.execute("INSERT INTO words(rowid, text) SELECT n, text FROM post")
    db.close()


main(*sys.argv[1:])
