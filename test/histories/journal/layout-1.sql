PRAGMA application_id=1515080268;
PRAGMA user_version=1;
CREATE TABLE facts (
  position INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  fact TEXT NOT NULL,
  command TEXT NOT NULL,
  correlation TEXT
) STRICT;
CREATE UNIQUE INDEX facts_of_stream ON facts (stream, version);
CREATE TABLE commands_seen (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  position INTEGER NOT NULL
) STRICT;
INSERT INTO facts VALUES (1, 's', 1, 'test.noted', '{"at":1,"sats":{"$n":"5"},"type":"test.noted"}', 'c-1', 'lease-7');
INSERT INTO facts VALUES (2, 't', 1, 'test.noted', '{"at":2,"type":"test.noted"}', 'c-1', 'lease-7');
INSERT INTO facts VALUES (3, 's', 2, 'test.noted', '{"at":3,"type":"test.noted"}', 'at-3', NULL);
INSERT INTO commands_seen VALUES (1, 'c-1', 2);
