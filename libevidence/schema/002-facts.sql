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
	action	TEXT CHECK (action = 'login' OR action = 'logout'
		OR action = 'session' OR action = 'refresh'
		OR action = 'registration' OR action = 'failed'
		OR action = 'activity' OR action = 'token'),
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
	id_type	TEXT CHECK (id_type = 'email' OR id_type = 'phone'
		OR id_type = 'imei' OR id_type = 'udid' OR id_type = 'idfv'
		OR id_type = 'android-id' OR id_type = 'ad-id'
		OR id_type = 'push-token' OR id_type = 'cookie'
		OR id_type = 'sso' OR id_type = 'wallet' OR id_type = 'iban'
		OR id_type = 'card' OR id_type = 'domain'
		OR id_type = 'tracker' OR id_type = 'certificate'
		OR id_type = 'favicon' OR id_type = 'invite'
		OR id_type = 'public-key' OR id_type = 'other'),
	value	TEXT,
	role	TEXT CHECK (role = 'controls' OR role = 'claims'
		OR role = 'lists-as-contact' OR role = 'posts'
		OR role = 'quotes' OR role = 'reposts' OR role = 'mentions'
		OR role = 'denounces' OR role = 'unknown'),
	verified	INTEGER CHECK (verified IN (0, 1)),
	verified_at	TEXT,
	t_last	TEXT,
	carrier	TEXT,
	label	TEXT
) STRICT;
CREATE TABLE fact_device (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	device_id	TEXT,
	id_type	TEXT CHECK (id_type = 'email' OR id_type = 'phone'
		OR id_type = 'imei' OR id_type = 'udid' OR id_type = 'idfv'
		OR id_type = 'android-id' OR id_type = 'ad-id'
		OR id_type = 'push-token' OR id_type = 'cookie'
		OR id_type = 'sso' OR id_type = 'wallet' OR id_type = 'iban'
		OR id_type = 'card' OR id_type = 'domain'
		OR id_type = 'tracker' OR id_type = 'certificate'
		OR id_type = 'favicon' OR id_type = 'invite'
		OR id_type = 'public-key' OR id_type = 'other'),
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
	form	TEXT CHECK (form = 'own' OR form = 'reply' OR form = 'quote'
		OR form = 'repost' OR form = 'forward'),
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
	role	TEXT CHECK (role = 'owner' OR role = 'admin'
		OR role = 'moderator' OR role = 'member'),
	action	TEXT CHECK (action = 'create' OR action = 'join'
		OR action = 'invite' OR action = 'remove' OR action = 'leave'
		OR action = 'migrate' OR action = 'listed'),
	"by"	TEXT
) STRICT;
CREATE TABLE fact_edge (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	edge_type	TEXT CHECK (edge_type = 'follow'
		OR edge_type = 'followed-by' OR edge_type = 'friend'
		OR edge_type = 'block' OR edge_type = 'mute'
		OR edge_type = 'mention' OR edge_type = 'like'
		OR edge_type = 'list' OR edge_type = 'contact'
		OR edge_type = 'linked-cookie' OR edge_type = 'linked-phone'
		OR edge_type = 'affiliate'),
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
	availability	TEXT CHECK (availability = 'present'
		OR availability = 'not-included' OR availability = 'too-large'
		OR availability = 'unavailable' OR availability = 'missing'),
	type	TEXT,
	url	TEXT,
	caption	TEXT,
	hash	TEXT,
	hash_alg	TEXT,
	size	INTEGER
) STRICT;
CREATE TABLE fact_rename (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	what	TEXT CHECK (what = 'handle' OR what = 'name' OR what = 'email'
		OR what = 'phone' OR what = 'vanity' OR what = 'title'),
	old	TEXT,
	new	TEXT
) STRICT;
CREATE TABLE fact_platform_claim (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	claim	TEXT CHECK (claim = 'based-in' OR claim = 'created-in'
		OR claim = 'admin-country' OR claim = 'event-country'
		OR claim = 'location-accurate'
		OR claim = 'created-country-accurate' OR claim = 'rename-count'
		OR claim = 'vpn-warning' OR claim = 'label'
		OR claim = 'other'),
	value	TEXT,
	accuracy	TEXT,
	method	TEXT
) STRICT;
CREATE TABLE fact_status (
	fact	INTEGER PRIMARY KEY REFERENCES fact(id),
	status	TEXT CHECK (status = 'suspended' OR status = 'withheld'
		OR status = 'deleted' OR status = 'deactivated'
		OR status = 'protected' OR status = 'unavailable'
		OR status = 'scrub-geo' OR status = 'restored'),
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
	"key"	TEXT CHECK ("key" = 'utc-offset' OR "key" = 'timezone'
		OR "key" = 'language' OR "key" = 'other'),
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
