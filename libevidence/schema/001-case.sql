-- A case: its people, its log, what was received, what was read from it.
-- Words are compared one by one: for an IN of more than two SQLite builds an
-- index anew for every row.
PRAGMA application_id = 0x45564341;  -- "EVCA"
PRAGMA user_version = 1;

-- One row: the case itself.  list_key salts the leaves of lists
-- (evidence-case(5)); it never leaves the case.
CREATE TABLE case_info (
	id	INTEGER PRIMARY KEY CHECK (id = 1),
	case_id	TEXT NOT NULL CHECK (case_id GLOB 'urn:uuid:*'),
	number	TEXT NOT NULL CHECK (number <> ''),
	title	TEXT NOT NULL,
	created	TEXT NOT NULL CHECK (created GLOB '????-??-??T??:??:??Z'),
	log_pub	TEXT NOT NULL  -- PEM
		CHECK (log_pub GLOB '-----BEGIN PUBLIC KEY-----*'),
	list_key BLOB NOT NULL CHECK (length(list_key) = 32)
) STRICT;

-- The log: one line of JSON for every act on the case.  The line is the
-- truth; the other columns are read from it, for searching.
CREATE TABLE log (
	seq	INTEGER PRIMARY KEY CHECK (seq > 0),
	at	TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??*Z'),
	action	TEXT NOT NULL CHECK (action = 'open' OR action = 'enrol'
		OR action = 'authorise' OR action = 'receive'
		OR action = 'copy' OR action = 'derive' OR action = 'read'
		OR action = 'quarantine' OR action = 'verify'
		OR action = 'examine' OR action = 'review' OR action = 'weigh'
		OR action = 'withdraw' OR action = 'request'
		OR action = 'transfer-out' OR action = 'transfer-in'
		OR action = 'refuse' OR action = 'redact'
		OR action = 'disclose' OR action = 'export'
		OR action = 'return' OR action = 'dispose'
		OR action = 'correct' OR action = 'stamp' OR action = 'migrate'
		OR action = 'close'),
	actor	TEXT NOT NULL CHECK (actor GLOB '@?*'),
	leaf	TEXT NOT NULL CHECK (leaf GLOB '{*}')
) STRICT;
CREATE TRIGGER log_no_update BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- Signed checkpoints; the same notes stand in heads/, outside the database.
CREATE TABLE head (
	size	INTEGER PRIMARY KEY CHECK (size > 0),
	at	TEXT NOT NULL,
	root	BLOB NOT NULL CHECK (length(root) = 32),
	note	TEXT NOT NULL
) STRICT;
CREATE TRIGGER head_no_update BEFORE UPDATE ON head
BEGIN SELECT RAISE(ABORT, 'a head is never changed'); END;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'a head is never removed'); END;

-- RFC 3161 tokens, over the note of a head or the root of an acquisition.
CREATE TABLE token (
	id	INTEGER PRIMARY KEY,
	subject	TEXT NOT NULL CHECK (subject IN ('head', 'acquisition')),
	number	INTEGER NOT NULL,  -- head size, or acquisition
	tsa	TEXT NOT NULL,     -- address asked, or 'self'
	self_issued INTEGER NOT NULL CHECK (self_issued IN (0, 1)),
	gen_us	INTEGER NOT NULL,  -- genTime, microseconds
	policy	TEXT NOT NULL,
	serial	TEXT NOT NULL,
	digest	BLOB NOT NULL CHECK (length(digest) = 32),
	der	BLOB NOT NULL,
	entry	INTEGER REFERENCES log(seq)
) STRICT;
-- Requests for which no authority answered yet.
CREATE TABLE stamp_queue (
	id	INTEGER PRIMARY KEY,
	subject	TEXT NOT NULL CHECK (subject IN ('head', 'acquisition')),
	number	INTEGER NOT NULL,
	tsa	TEXT NOT NULL,
	queued	TEXT NOT NULL,
	digest	BLOB NOT NULL CHECK (length(digest) = 32),
	request	BLOB NOT NULL,
	reason	TEXT NOT NULL
) STRICT;
-- RFC 4998 evidence records, one an acquisition.
CREATE TABLE record (
	acquisition INTEGER PRIMARY KEY REFERENCES acquisition(id),
	der	BLOB NOT NULL,
	entry	INTEGER REFERENCES log(seq)
) STRICT;

CREATE TABLE actor (
	actor	TEXT PRIMARY KEY CHECK (actor GLOB '@[a-z0-9]*'),
	name	TEXT NOT NULL CHECK (name <> ''),
	role	TEXT NOT NULL CHECK (role <> ''),
	office	TEXT NOT NULL,
	cert	BLOB NOT NULL,
	cert_sha256 TEXT NOT NULL CHECK (length(cert_sha256) IN (0, 64)),
	key_ref	TEXT NOT NULL,  -- path or URI of the key; '' if none is kept
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;

-- Legal authority (W000001).
CREATE TABLE authority (
	id	INTEGER PRIMARY KEY,
	type	TEXT NOT NULL CHECK (type = 'warrant' OR type = 'court-order'
		OR type = 'preservation' OR type = 'consent'
		OR type = 'public-capture' OR type = 'voluntary-production'
		OR type = 'interception'),
	law	TEXT NOT NULL,
	section	TEXT NOT NULL,
	issuer	TEXT NOT NULL CHECK (issuer <> ''),
	ref	TEXT NOT NULL CHECK (ref <> ''),
	conduct_from TEXT, conduct_to TEXT,
	valid_from TEXT, valid_to TEXT,
	sha256	TEXT NOT NULL,  -- of the document, '' if none
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;
CREATE TABLE authority_account (
	authority INTEGER NOT NULL REFERENCES authority(id),
	platform TEXT NOT NULL,
	id_type	TEXT NOT NULL,
	value	TEXT NOT NULL
) STRICT;
CREATE TABLE authority_class (
	authority INTEGER NOT NULL REFERENCES authority(id),
	class	TEXT NOT NULL CHECK (class = 'subscriber'
		OR class = 'ip-identification' OR class = 'traffic'
		OR class = 'content' OR class = 'preservation-snapshot'
		OR class = 'public')
) STRICT;

-- One ev-ingest of one source (I000001).  Its rows count once copy is set.
CREATE TABLE acquisition (
	id	INTEGER PRIMARY KEY,
	source	BLOB NOT NULL,   -- as named, raw bytes
	form	TEXT NOT NULL CHECK (form = 'folder' OR form = 'file'
		OR form = 'stdin'),
	authority INTEGER REFERENCES authority(id),
	received_from TEXT NOT NULL,
	quarantine TEXT NOT NULL,  -- code, '' if none
	typed_from INTEGER REFERENCES exhibit(id),
	receive	INTEGER NOT NULL REFERENCES log(seq),
	copy	INTEGER REFERENCES log(seq) DEFERRABLE INITIALLY DEFERRED,
	root	BLOB CHECK (root IS NULL OR length(root) = 32)
) STRICT;

-- What of a source is no exhibit: links, devices, files that could not be
-- read or that changed while they were read.
CREATE TABLE left_out (
	acquisition INTEGER NOT NULL REFERENCES acquisition(id),
	name	BLOB NOT NULL,     -- path below the source, raw bytes
	reason	TEXT NOT NULL CHECK (reason <> ''),
	message	TEXT NOT NULL
) STRICT;
CREATE INDEX ix_left_out_acquisition ON left_out(acquisition);

-- A zip of stored exhibits, being written from the front.
CREATE TABLE segment (
	id	INTEGER PRIMARY KEY,
	committed INTEGER NOT NULL CHECK (committed >= 0),  -- bytes
	entries	INTEGER NOT NULL CHECK (entries >= 0),
	closed	INTEGER NOT NULL CHECK (closed IN (0, 1))
) STRICT;

-- A file as received (E000001).
CREATE TABLE exhibit (
	id	INTEGER PRIMARY KEY,
	acquisition INTEGER NOT NULL REFERENCES acquisition(id),
	name	BLOB NOT NULL,     -- path below the source, raw bytes
	size	INTEGER NOT NULL CHECK (size >= 0),
	mtime_us INTEGER,
	sha256	BLOB NOT NULL CHECK (length(sha256) = 32),
	sha512	BLOB NOT NULL CHECK (length(sha512) = 64),
	md5	BLOB CHECK (md5 IS NULL OR length(md5) = 16),
	sha1	BLOB CHECK (sha1 IS NULL OR length(sha1) = 20),
	crc32	INTEGER NOT NULL,
	stored	INTEGER NOT NULL,  -- the exhibit under which the bytes lie
	segment	INTEGER REFERENCES segment(id),  -- NULL: a file of its own
	offset	INTEGER NOT NULL CHECK (offset >= 0),  -- of the bytes there
	notes	TEXT NOT NULL
) STRICT;
CREATE INDEX ix_exhibit_sha256 ON exhibit(sha256);
CREATE TRIGGER exhibit_no_update BEFORE UPDATE ON exhibit
BEGIN SELECT RAISE(ABORT, 'an exhibit is never changed'); END;
CREATE TRIGGER exhibit_no_delete BEFORE DELETE ON exhibit
BEGIN SELECT RAISE(ABORT, 'an exhibit is never removed'); END;

-- An exhibit (ordinal 0) or a member of one (A000001).
CREATE TABLE artifact (
	id	INTEGER PRIMARY KEY,
	exhibit	INTEGER NOT NULL REFERENCES exhibit(id),
	ordinal	INTEGER NOT NULL CHECK (ordinal >= 0),
	parent	INTEGER REFERENCES artifact(id),
	place	INTEGER NOT NULL,  -- in its archive, from 1
	member	BLOB NOT NULL,     -- path, raw bytes, "!/" joins archives
	type	TEXT NOT NULL CHECK (type = 'f' OR type = 'd' OR type = 'l'
		OR type = 'o'),
	size	INTEGER NOT NULL CHECK (size >= 0),
	declared INTEGER,          -- size that the archive states
	mtime_us INTEGER,
	sha256	BLOB NOT NULL CHECK (length(sha256) = 32),
	sha512	BLOB NOT NULL CHECK (length(sha512) = 64),
	md5	BLOB CHECK (md5 IS NULL OR length(md5) = 16),
	sha1	BLOB CHECK (sha1 IS NULL OR length(sha1) = 20),
	media	TEXT NOT NULL,
	UNIQUE (exhibit, ordinal)
) STRICT;
CREATE TRIGGER artifact_no_update BEFORE UPDATE ON artifact
BEGIN SELECT RAISE(ABORT, 'an artifact is never changed'); END;
CREATE TRIGGER artifact_no_delete BEFORE DELETE ON artifact
BEGIN SELECT RAISE(ABORT, 'an artifact is never removed'); END;

-- Files that decide how things are read or weighed, as they were when used.
CREATE TABLE datafile (
	id	INTEGER PRIMARY KEY,
	form	TEXT NOT NULL CHECK (form = 'mapping' OR form = 'rules'
		OR form = 'scale' OR form = 'list' OR form = 'geo'
		OR form = 'asn' OR form = 'register' OR form = 'profile'
		OR form = 'background'),
	name	TEXT NOT NULL,
	sha256	BLOB NOT NULL CHECK (length(sha256) = 32),
	bytes	BLOB,  -- NULL where the licence forbids a copy
	UNIQUE (form, name, sha256)
) STRICT;
CREATE TABLE mapping (
	id	INTEGER PRIMARY KEY,
	name	TEXT NOT NULL,
	version	INTEGER NOT NULL,
	kind	TEXT NOT NULL,
	file	INTEGER NOT NULL REFERENCES datafile(id),
	UNIQUE (name, version, file)
) STRICT;

-- One pass of the mappings over one artifact.  Counts once entry is set;
-- b_read is -1 until it has ended, and stays so if it was broken off.
CREATE TABLE reading (
	id	INTEGER PRIMARY KEY,
	artifact INTEGER NOT NULL REFERENCES artifact(id),
	outcome	TEXT NOT NULL CHECK (outcome = 'read'
		OR outcome = 'read-with-loss' OR outcome = 'empty'
		OR outcome = 'not-confirmed' OR outcome = 'unmapped'
		OR outcome = 'container' OR outcome = 'media'
		OR outcome = 'fork' OR outcome = 'failed'),
	b_read	INTEGER NOT NULL, b_set_aside INTEGER NOT NULL,
	b_ignored INTEGER NOT NULL, b_frame INTEGER NOT NULL,
	fingerprint TEXT NOT NULL,
	message	TEXT NOT NULL,
	entry	INTEGER REFERENCES log(seq) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX ix_reading_artifact ON reading(artifact);
CREATE TABLE reading_rows (
	reading	INTEGER NOT NULL REFERENCES reading(id),
	mapping	INTEGER NOT NULL REFERENCES mapping(id),
	found	INTEGER NOT NULL, read INTEGER NOT NULL,
	duplicated INTEGER NOT NULL, set_aside INTEGER NOT NULL,
	ignored	INTEGER NOT NULL, facts INTEGER NOT NULL,
	nulls	INTEGER NOT NULL, declared INTEGER,
	CHECK (found = read + duplicated + set_aside + ignored),
	PRIMARY KEY (reading, mapping)
) STRICT, WITHOUT ROWID;
CREATE TABLE set_aside (
	id	INTEGER PRIMARY KEY,  -- S000001
	reading	INTEGER NOT NULL REFERENCES reading(id),
	mapping	INTEGER REFERENCES mapping(id),
	offset	INTEGER NOT NULL, length INTEGER NOT NULL,
	reason	TEXT NOT NULL CHECK (reason <> ''),
	message	TEXT NOT NULL
) STRICT;
CREATE TABLE duplicate (
	reading	INTEGER NOT NULL REFERENCES reading(id),
	mapping	INTEGER NOT NULL REFERENCES mapping(id),
	offset	INTEGER NOT NULL, length INTEGER NOT NULL,
	first_offset INTEGER NOT NULL
) STRICT;
CREATE TABLE reading_note (
	reading	INTEGER NOT NULL REFERENCES reading(id),
	word	TEXT NOT NULL,
	detail	TEXT NOT NULL,
	offset	INTEGER NOT NULL
) STRICT;
CREATE TABLE unknown_key (
	reading	INTEGER NOT NULL REFERENCES reading(id),
	path	BLOB NOT NULL,
	times	INTEGER NOT NULL
) STRICT;

CREATE INDEX ix_set_aside_reading ON set_aside(reading);
CREATE INDEX ix_duplicate_reading ON duplicate(reading);
CREATE INDEX ix_reading_note_reading ON reading_note(reading);
CREATE INDEX ix_unknown_key_reading ON unknown_key(reading);

-- Names of kinds and columns are those of evidence-facts(5).
CREATE TABLE fact (
	id	INTEGER PRIMARY KEY,  -- F000001
	kind	TEXT NOT NULL,
	platform TEXT NOT NULL,
	reading	INTEGER NOT NULL REFERENCES reading(id),
	artifact INTEGER NOT NULL REFERENCES artifact(id),
	mapping	INTEGER NOT NULL REFERENCES mapping(id),
	offset	INTEGER NOT NULL CHECK (offset >= 0),
	length	INTEGER NOT NULL CHECK (length >= 0),
	pointer	TEXT NOT NULL,
	root	BLOB NOT NULL,
	account	TEXT, handle TEXT, name TEXT,
	account_basis TEXT NOT NULL CHECK (account_basis = 'record'
		OR account_basis = 'document' OR account_basis = 'holder'
		OR account_basis = 'path' OR account_basis = 'none'),
	t	TEXT, t_local TEXT,
	notes	TEXT NOT NULL,
	raw	TEXT  -- JSON, column to text as found; NULL if all are equal
) STRICT;
CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;
CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never removed'); END;

-- Companions of each time column (evidence-facts(5), Time); microseconds.
CREATE TABLE fact_time (
	fact	INTEGER NOT NULL REFERENCES fact(id),
	col	TEXT NOT NULL,
	utc	INTEGER,
	raw	TEXT,
	basis	TEXT NOT NULL CHECK (basis = 'utc-explicit'
		OR basis = 'offset-explicit' OR basis = 'epoch'
		OR basis = 'utc-declared' OR basis = 'utc-convention'
		OR basis = 'exporter-local' OR basis = 'abbrev'
		OR basis = 'naive' OR basis = 'ambiguous'),
	prec	TEXT NOT NULL CHECK (prec = 'us' OR prec = 'ms' OR prec = 's'
		OR prec = 'min' OR prec = 'day' OR prec = 'month'
		OR prec = 'year'),
	lo	INTEGER NOT NULL, hi INTEGER NOT NULL CHECK (hi >= lo),
	alt	INTEGER,
	PRIMARY KEY (fact, col)
) STRICT, WITHOUT ROWID;

-- What an examiner enters by hand, as the log has it.
CREATE TABLE examination (
	id	INTEGER PRIMARY KEY,
	verb	TEXT NOT NULL,
	subject	TEXT NOT NULL,
	args	TEXT NOT NULL CHECK (args GLOB '{*}'),
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;

CREATE TABLE export (
	id	INTEGER PRIMARY KEY,
	head	INTEGER NOT NULL REFERENCES head(size),
	content	TEXT NOT NULL,
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;

-- Facts that count: of the newest entered reading of their artifact.
CREATE VIEW reading_now AS
	SELECT * FROM reading r WHERE r.entry IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM reading s WHERE s.artifact = r.artifact
		AND s.id > r.id AND s.entry IS NOT NULL);
CREATE VIEW fact_now AS
	SELECT f.* FROM fact f JOIN reading_now r ON r.id = f.reading;
