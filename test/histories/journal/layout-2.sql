PRAGMA application_id=1515080268;
PRAGMA user_version=2;
CREATE TABLE segments (
    number INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL
  ) STRICT;
INSERT INTO "segments" VALUES(1,'21380310432a0a518fcca2a8e92ccd869fabca6f923684016f7786ffe2c5328b');
CREATE TABLE archived (
    stream TEXT PRIMARY KEY,
    segment INTEGER NOT NULL REFERENCES segments (number),
    start INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    oldest INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
INSERT INTO "archived" VALUES('away',1,44,134,'00223c21c5004db07346567bc1aafad0cf965a5cf8ec364012782c08d4f2e7ce',1,8,9);
CREATE TABLE commands_seen (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL
  ) STRICT;
INSERT INTO "commands_seen" VALUES(1,'c-1',2);
CREATE TABLE facts (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    fact TEXT NOT NULL,
    command TEXT NOT NULL,
    correlation TEXT
  ) STRICT;
INSERT INTO "facts" VALUES(1,'s',1,'test.noted','{"at":1,"sats":{"$n":"5"},"type":"test.noted"}','c-1','lease-7');
INSERT INTO "facts" VALUES(2,'t',1,'test.noted','{"at":2,"type":"test.noted"}','c-1','lease-7');
INSERT INTO "facts" VALUES(3,'s',2,'test.noted','{"at":3,"type":"test.noted"}','at-3',NULL);
INSERT INTO "facts" VALUES(5,'kept',2,'test.noted','{"at":5,"type":"test.noted"}','at-4',NULL);
INSERT INTO "facts" VALUES(6,'kept',3,'test.noted','{"at":6,"type":"test.noted"}','at-4',NULL);
CREATE TABLE reached (position INTEGER NOT NULL) STRICT;
INSERT INTO "reached" VALUES(9);
CREATE TABLE streams (
    stream TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'archived', 'tombstoned')),
    newest INTEGER,
    before INTEGER
  ) STRICT, WITHOUT ROWID;
INSERT INTO "streams" VALUES('away',2,'archived',NULL,NULL);
INSERT INTO "streams" VALUES('gone',1,'tombstoned',NULL,NULL);
INSERT INTO "streams" VALUES('kept',3,'live',2,NULL);
CREATE UNIQUE INDEX facts_of_stream ON facts (stream, version);
CREATE INDEX archived_by_last ON archived (last);
CREATE INDEX archived_by_span ON archived (last - first);
