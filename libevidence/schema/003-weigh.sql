-- Organisations and their listings, claims, databases of addresses.
PRAGMA user_version = 3;

CREATE TABLE list_source (
	id	INTEGER PRIMARY KEY,
	name	TEXT NOT NULL,    -- --source, else the file's name
	format	TEXT NOT NULL,
	file	INTEGER NOT NULL REFERENCES datafile(id),
	records	INTEGER NOT NULL,
	set_aside INTEGER NOT NULL,
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;
CREATE TABLE org (
	id	INTEGER PRIMARY KEY,  -- O000001
	name	TEXT NOT NULL CHECK (name <> ''),
	kind	TEXT NOT NULL CHECK (kind = 'organisation' OR kind = 'front'
		OR kind = 'media-wing' OR kind = 'faction'
		OR kind = 'alias-cluster'),
	parent	INTEGER REFERENCES org(id),
	relation TEXT CHECK (relation = 'wing' OR relation = 'splinter'
		OR relation = 'successor' OR relation = 'front'),
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;
CREATE TABLE org_name (
	org	INTEGER NOT NULL REFERENCES org(id),
	value_raw TEXT NOT NULL,
	value_norm TEXT NOT NULL,
	script	TEXT NOT NULL,
	name_type TEXT NOT NULL CHECK (name_type = 'primary'
		OR name_type = 'aka' OR name_type = 'fka'
		OR name_type = 'acronym' OR name_type = 'original-script'
		OR name_type = 'transliteration'
		OR name_type = 'handle-pattern'),
	quality	TEXT NOT NULL CHECK (quality = 'strong' OR quality = 'good'
		OR quality = 'low' OR quality = 'unknown'),
	listing	INTEGER REFERENCES listing(id)
) STRICT;
CREATE TABLE listing (
	id	INTEGER PRIMARY KEY,  -- L000001
	org	INTEGER NOT NULL REFERENCES org(id),
	source	INTEGER NOT NULL REFERENCES list_source(id),
	authority TEXT NOT NULL,
	law	TEXT NOT NULL, section TEXT NOT NULL, ref TEXT NOT NULL,
	listed_on TEXT NOT NULL,    -- as written
	delisted_on TEXT NOT NULL,  -- as written, '' if not
	status	TEXT NOT NULL CHECK (status = 'listed' OR status = 'amended'
		OR status = 'under-review' OR status = 'observed'
		OR status = 'delisted'),
	scope_raw TEXT NOT NULL,    -- remarks
	offset	INTEGER NOT NULL, length INTEGER NOT NULL,
	record_sha256 BLOB NOT NULL CHECK (length(record_sha256) = 32)
) STRICT;
-- What ties an identifier, account or media item to an organisation.
CREATE TABLE anchor (
	id	INTEGER PRIMARY KEY,
	org	INTEGER NOT NULL REFERENCES org(id),
	type	TEXT NOT NULL,
	value	TEXT NOT NULL,
	basis	TEXT NOT NULL,  -- F... or L...
	t_from	TEXT, t_to TEXT,
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;

-- IP databases and network lists (ev-attrib db).
CREATE TABLE geo_source (
	id	INTEGER PRIMARY KEY,
	name	TEXT NOT NULL,
	role	TEXT NOT NULL CHECK (role = 'vote' OR role = 'asn'
		OR role = 'class' OR role = 'exits'),
	format	TEXT NOT NULL,
	built	TEXT NOT NULL,  -- day or instant, RFC 3339
	licence	TEXT NOT NULL,
	file	INTEGER NOT NULL REFERENCES datafile(id),
	entry	INTEGER NOT NULL REFERENCES log(seq)
) STRICT;

-- Claims (C000001): the line is the claim; columns are read from it.
CREATE TABLE claim (
	id	INTEGER PRIMARY KEY,
	asks	TEXT NOT NULL CHECK (asks = 'same-operator'
		OR asks = 'organisation' OR asks = 'country'),
	subject	TEXT NOT NULL,  -- platform:id, pairs parted by a blank
	object	TEXT NOT NULL,  -- org, country code, '' for pairs
	low	INTEGER NOT NULL, mid INTEGER NOT NULL, high INTEGER NOT NULL,
	met	INTEGER NOT NULL CHECK (met IN (0, 1)),
	label	TEXT NOT NULL,
	line	TEXT NOT NULL CHECK (line GLOB '{*}'),
	run	INTEGER NOT NULL,
	entry	INTEGER REFERENCES log(seq),
	superseded INTEGER REFERENCES claim(id)
) STRICT;
CREATE TABLE claim_run (
	id	INTEGER PRIMARY KEY,
	args	TEXT NOT NULL CHECK (args GLOB '{*}'),
	headline TEXT,
	entry	INTEGER REFERENCES log(seq)
) STRICT;
