-- The tables of an outbox. Times are milliseconds since 1970, UTC; what is yes or no is 1 or 0.
-- Ids are the 16 bytes of a UUID.

CREATE TABLE outbox_schema (version INTEGER NOT NULL);
INSERT INTO outbox_schema (version) VALUES (0);

CREATE TABLE outbox_message (
  -- The order in which messages came. Never given out twice.
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  label TEXT,
  created_at INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  on_doubt TEXT,
  content_hash BLOB,
  chat TEXT NOT NULL,
  -- One of the two.
  route_line TEXT,
  route_group TEXT,
  order_key TEXT,
  expires_at INTEGER,
  look BLOB NOT NULL,
  is_file INTEGER NOT NULL,
  watch_at INTEGER,
  watch_line TEXT,
  watch_group TEXT,
  cleared TEXT,
  wipe TEXT NOT NULL,
  wiped INTEGER NOT NULL,
  -- Through which phone it goes, once that is decided.
  line TEXT,
  state TEXT NOT NULL,
  next_at INTEGER NOT NULL,
  doubt_since INTEGER,
  doubt_settled_at INTEGER,
  doubt_absent_at INTEGER,
  doubt_reason TEXT,
  vendor_id TEXT,
  queue_number INTEGER,
  at_vendor_since INTEGER,
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  last_error TEXT,
  unchecked INTEGER NOT NULL,
  -- What follows is derived from the rest, for the indexes.
  -- Whether the outbox will do nothing more with it by itself.
  settled INTEGER NOT NULL,
  -- Whether it is in flight, in doubt, or at the vendor under an id that is not known.
  unsure INTEGER NOT NULL,
  -- When there is something to look after: it is due, runs out of time, or is late.
  tend_at INTEGER,
  -- The transaction that changed it last; 0 here, where there is one writer at a time.
  moved_in INTEGER NOT NULL,
  CHECK ((route_line IS NULL) <> (route_group IS NULL))
);
CREATE UNIQUE INDEX outbox_message_key ON outbox_message (namespace, key);
CREATE INDEX outbox_message_ready ON outbox_message (line, priority DESC, seq, next_at)
  WHERE state = 'ready';
CREATE INDEX outbox_message_shared ON outbox_message (route_group, priority DESC, seq, next_at)
  WHERE state = 'ready' AND line IS NULL;
-- The database itself refuses a second message in flight on one phone.
CREATE UNIQUE INDEX outbox_message_in_flight ON outbox_message (line) WHERE state = 'sending';
CREATE INDEX outbox_message_unsure ON outbox_message (line) WHERE unsure = 1;
CREATE INDEX outbox_message_at_vendor ON outbox_message (line) WHERE state = 'at_vendor';
CREATE INDEX outbox_message_order ON outbox_message (order_key, seq)
  WHERE order_key IS NOT NULL AND settled = 0;
CREATE INDEX outbox_message_ahead ON outbox_message (order_key)
  WHERE order_key IS NOT NULL AND state = 'at_vendor';
CREATE INDEX outbox_message_tend ON outbox_message (tend_at, seq) WHERE tend_at IS NOT NULL;
CREATE INDEX outbox_message_unchecked ON outbox_message (seq)
  WHERE state = 'accepted' AND unchecked = 1;
CREATE INDEX outbox_message_chat ON outbox_message (chat);
CREATE INDEX outbox_message_old ON outbox_message (created_at, seq) WHERE settled = 1;

CREATE TABLE outbox_attempt (
  message INTEGER NOT NULL REFERENCES outbox_message (seq),
  number INTEGER NOT NULL,
  line TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  intent_at INTEGER NOT NULL,
  deadline_at INTEGER NOT NULL,
  before TEXT,
  vendor_id TEXT,
  outcome TEXT,
  PRIMARY KEY (message, number)
) WITHOUT ROWID;
CREATE INDEX outbox_attempt_vendor_id ON outbox_attempt (line, vendor_id)
  WHERE vendor_id IS NOT NULL;

-- The bytes of files, kept once by their SHA-256.
CREATE TABLE outbox_blob (
  digest BLOB NOT NULL PRIMARY KEY,
  bytes BLOB NOT NULL
);

CREATE TABLE outbox_content (
  message INTEGER PRIMARY KEY REFERENCES outbox_message (seq),
  body TEXT NOT NULL,
  blob BLOB REFERENCES outbox_blob (digest)
);
CREATE INDEX outbox_content_blob ON outbox_content (blob) WHERE blob IS NOT NULL;

CREATE TABLE outbox_line (
  name TEXT NOT NULL PRIMARY KEY,
  line_group TEXT,
  epoch INTEGER NOT NULL,
  lease_owner TEXT,
  lease_until INTEGER,
  free_at INTEGER NOT NULL,
  cursor TEXT,
  health_at INTEGER,
  health_can_send INTEGER,
  health_state TEXT,
  health_advice TEXT,
  trouble_at INTEGER,
  added_at INTEGER,
  -- What it has sent on the last day on which it sent anything, for the rules of its route.
  tally_day INTEGER NOT NULL,
  tally_sent INTEGER NOT NULL,
  tally_strangers INTEGER NOT NULL
) WITHOUT ROWID;

-- Acknowledgements of messages that nobody knows yet.
CREATE TABLE outbox_orphan (
  number INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  vendor_id TEXT NOT NULL,
  ack TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX outbox_orphan_vendor_id ON outbox_orphan (line, vendor_id);

-- What happened, for the audit trail and the feed.
CREATE TABLE outbox_change (
  -- Never given out twice, or a consumer could miss one.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  -- 0 here, where there is one writer at a time.
  "transaction" INTEGER NOT NULL DEFAULT 0,
  message BLOB NOT NULL,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  cause TEXT NOT NULL
);
CREATE INDEX outbox_change_message ON outbox_change (message, number);
CREATE INDEX outbox_change_at ON outbox_change (at);

CREATE TABLE outbox_consumer (
  name TEXT NOT NULL PRIMARY KEY,
  "transaction" INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL
);
