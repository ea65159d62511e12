-- What of an artifact lies in no row that was read or set aside.
PRAGMA user_version = 5;

CREATE TABLE ignored (
	reading	INTEGER NOT NULL REFERENCES reading(id),
	offset	INTEGER NOT NULL CHECK (offset >= 0),
	length	INTEGER NOT NULL CHECK (length > 0),
	PRIMARY KEY (reading, offset)
) STRICT, WITHOUT ROWID;
