-- A table a kind: its own columns, beside those of fact.  Vocabularies and
-- columns are those of evidence-facts(5); a time column holds the instant as
-- printed, its companions stand in fact_time.
PRAGMA user_version = 2;


CREATE TABLE fact_account (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	holder	INTEGER CHECK (holder IN (0, 1)),
	email	TEXT,
	phone	TEXT,
	created	TEXT,
	created_ip	TEXT,
	created_port	INTEGER CHECK (created_port BETWEEN 0 AND 65535),
	created_via	TEXT,
	bio	TEXT,
	url	TEXT,
	location_declared	TEXT,
	language	TEXT,
	tz_declared	TEXT,
	protected	INTEGER CHECK (protected IN (0, 1))
) STRICT;
CREATE TABLE fact_login (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	action	TEXT CHECK (action IN ('login', 'logout', 'session',
		'refresh', 'registration', 'failed', 'activity', 'token')),
	ip	TEXT,
	port	INTEGER CHECK (port BETWEEN 0 AND 65535),
	ua	TEXT,
	device_id	TEXT,
	device_model	TEXT,
	os	TEXT,
	app	TEXT,
	cookie	TEXT,
	network	TEXT,
	carrier	TEXT,
	t_end	TEXT,
	success	INTEGER CHECK (success IN (0, 1)),
	country_said	TEXT,
	region_said	TEXT,
	city_said	TEXT
) STRICT;
CREATE TABLE fact_identifier (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	id_type	TEXT CHECK (id_type IN ('email', 'phone', 'imei', 'udid',
		'idfv', 'android-id', 'ad-id', 'push-token', 'cookie', 'sso',
		'wallet', 'iban', 'card', 'domain', 'tracker', 'certificate',
		'favicon', 'invite', 'public-key', 'other')),
	value	TEXT,
	role	TEXT CHECK (role IN ('controls', 'claims',
		'lists-as-contact', 'posts', 'quotes', 'reposts', 'mentions',
		'denounces', 'unknown')),
	verified	INTEGER CHECK (verified IN (0, 1)),
	verified_at	TEXT,
	t_last	TEXT,
	carrier	TEXT,
	label	TEXT
) STRICT;
CREATE TABLE fact_device (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	device_id	TEXT,
	id_type	TEXT CHECK (id_type IN ('email', 'phone', 'imei', 'udid',
		'idfv', 'android-id', 'ad-id', 'push-token', 'cookie', 'sso',
		'wallet', 'iban', 'card', 'domain', 'tracker', 'certificate',
		'favicon', 'invite', 'public-key', 'other')),
	model	TEXT,
	os	TEXT,
	os_version	TEXT,
	app	TEXT,
	app_version	TEXT,
	carrier	TEXT,
	ua	TEXT,
	ad_id	TEXT,
	locale	TEXT,
	t_last	TEXT
) STRICT;
CREATE TABLE fact_post (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	post_id	TEXT,
	text	TEXT,
	lang	TEXT,
	client	TEXT,
	conversation	TEXT,
	reply_to	TEXT,
	reply_account	TEXT,
	repost_of	TEXT,
	quote_of	TEXT,
	audience	TEXT,
	place	TEXT,
	lat	INTEGER,
	lon	INTEGER,
	form	TEXT CHECK (form IN ('own', 'reply', 'quote', 'repost',
		'forward')),
	pinned	INTEGER CHECK (pinned IN (0, 1)),
	t_edit	TEXT,
	t_deleted	TEXT,
	url	TEXT
) STRICT;
CREATE TABLE fact_message (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	message_id	TEXT,
	conversation	TEXT,
	conv_name	TEXT,
	conv_type	TEXT,
	recipient	TEXT,
	text	TEXT,
	reply_to	TEXT,
	fwd_name	TEXT,
	fwd_id	TEXT,
	client	TEXT,
	ip	TEXT,
	port	INTEGER CHECK (port BETWEEN 0 AND 65535),
	device	TEXT,
	t_edit	TEXT,
	media	TEXT
) STRICT;
CREATE TABLE fact_membership (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	"group"	TEXT,
	group_name	TEXT,
	group_type	TEXT,
	member	TEXT,
	member_name	TEXT,
	role	TEXT CHECK (role IN ('owner', 'admin', 'moderator', 'member')),
	action	TEXT CHECK (action IN ('create', 'join', 'invite', 'remove',
		'leave', 'migrate', 'listed')),
	"by"	TEXT
) STRICT;
CREATE TABLE fact_edge (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	edge_type	TEXT CHECK (edge_type IN ('follow', 'followed-by',
		'friend', 'block', 'mute', 'mention', 'like', 'list',
		'contact', 'linked-cookie', 'linked-phone', 'affiliate')),
	other	TEXT,
	other_handle	TEXT,
	other_name	TEXT,
	post	TEXT
) STRICT;
CREATE TABLE fact_media (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	owner_id	TEXT,
	ref	TEXT,
	declared_path	TEXT,
	resolved	TEXT,
	availability	TEXT CHECK (availability IN ('present',
		'not-included', 'too-large', 'unavailable', 'missing')),
	type	TEXT,
	url	TEXT,
	caption	TEXT,
	hash	TEXT,
	hash_alg	TEXT,
	size	INTEGER
) STRICT;
CREATE TABLE fact_rename (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	what	TEXT CHECK (what IN ('handle', 'name', 'email', 'phone',
		'vanity', 'title')),
	old	TEXT,
	new	TEXT
) STRICT;
CREATE TABLE fact_platform_claim (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	claim	TEXT CHECK (claim IN ('based-in', 'created-in',
		'admin-country', 'event-country', 'location-accurate',
		'created-country-accurate', 'rename-count', 'vpn-warning',
		'label', 'other')),
	value	TEXT,
	accuracy	TEXT,
	method	TEXT
) STRICT;
CREATE TABLE fact_status (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	status	TEXT CHECK (status IN ('suspended', 'withheld', 'deleted',
		'deactivated', 'protected', 'unavailable', 'scrub-geo',
		'restored')),
	scope	TEXT CHECK (scope IN ('account', 'post')),
	object	TEXT,
	country	TEXT,
	reason	TEXT,
	t_redacted	TEXT
) STRICT;
CREATE TABLE fact_place (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	lat	INTEGER,
	lon	INTEGER,
	accuracy	TEXT,
	source	TEXT,
	device_id	TEXT,
	label	TEXT
) STRICT;
CREATE TABLE fact_activity (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	action	TEXT,
	object	TEXT,
	url	TEXT,
	text	TEXT,
	ip	TEXT,
	port	INTEGER CHECK (port BETWEEN 0 AND 65535)
) STRICT;
CREATE TABLE fact_setting (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	"key"	TEXT CHECK ("key" IN ('utc-offset', 'timezone', 'language',
		'other')),
	value	TEXT
) STRICT;
CREATE TABLE fact_hop (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	message_id	TEXT,
	ordinal	INTEGER,
	from_host	TEXT,
	by_host	TEXT,
	ip	TEXT
) STRICT;
CREATE TABLE fact_capture (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	tool	TEXT,
	tool_version	TEXT,
	url	TEXT,
	query	TEXT,
	server_ip	TEXT,
	record_id	TEXT,
	digest	TEXT,
	digest_ok	INTEGER CHECK (digest_ok IN (0, 1)),
	service	TEXT,
	target	TEXT,
	identifier	TEXT,
	t_from	TEXT,
	t_to	TEXT,
	generated	TEXT,
	signed	INTEGER CHECK (signed IN (0, 1))
) STRICT;
CREATE TABLE fact_declared (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	label	TEXT,
	member	TEXT,
	count	INTEGER,
	bytes	INTEGER
) STRICT;
