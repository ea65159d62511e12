-- What keeps proofs of time alive: renewals, and what was said of authorities.
PRAGMA user_version = 4;

-- One more token for the evidence record of an acquisition (RFC 4998, 5.2),
-- in the order of id; the first one covers the record about the token base.
CREATE TABLE renewal (
	id	INTEGER PRIMARY KEY,
	acquisition INTEGER NOT NULL REFERENCES acquisition(id),
	base	INTEGER NOT NULL REFERENCES token(id),
	form	TEXT NOT NULL CHECK (form IN ('time-stamp', 'hash-tree')),
	tsa	TEXT NOT NULL,     -- address asked, or 'self'
	gen_us	INTEGER NOT NULL,  -- genTime, microseconds
	der	BLOB NOT NULL,
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;
CREATE INDEX ix_renewal_acquisition ON renewal(acquisition);
CREATE TRIGGER renewal_no_update BEFORE UPDATE ON renewal
BEGIN SELECT RAISE(ABORT, 'a renewal is never changed'); END;
CREATE TRIGGER renewal_no_delete BEFORE DELETE ON renewal
BEGIN SELECT RAISE(ABORT, 'a renewal is never removed'); END;

-- Certificates, lists of revoked ones and OCSP responses of time-stamp
-- authorities, as they were on the day; believed by nobody as such.
CREATE TABLE kept (
	id	INTEGER PRIMARY KEY,
	kind	TEXT NOT NULL CHECK (kind = 'certificate' OR kind = 'crl'
		OR kind = 'ocsp'),
	source	TEXT NOT NULL,     -- address, file, or 'token'
	sha256	BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
	der	BLOB NOT NULL,
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;
CREATE TRIGGER kept_no_update BEFORE UPDATE ON kept
BEGIN SELECT RAISE(ABORT, 'what was kept is never changed'); END;
CREATE TRIGGER kept_no_delete BEFORE DELETE ON kept
BEGIN SELECT RAISE(ABORT, 'what was kept is never removed'); END;
