-- The tables of an outbox. Times are milliseconds since 1970, UTC; what is yes or no is 1 or 0.
-- Ids are the 16 bytes of a UUID.

CREATE TABLE outbox_schema (version BIGINT NOT NULL);
INSERT INTO outbox_schema (version) VALUES (0);

-- The order in which messages came.
CREATE SEQUENCE outbox_message_seq;

-- In two parts: what is settled is moved out of the way of what is not by the database itself.
CREATE TABLE outbox_message (
  seq BIGINT NOT NULL,
  id BYTEA NOT NULL,
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  label TEXT,
  created_at BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  on_doubt TEXT,
  content_hash BYTEA,
  chat TEXT NOT NULL,
  -- One of the two.
  route_line TEXT,
  route_group TEXT,
  order_key TEXT,
  expires_at BIGINT,
  look BYTEA NOT NULL,
  is_file BIGINT NOT NULL,
  watch_at BIGINT,
  watch_line TEXT,
  watch_group TEXT,
  cleared TEXT,
  wipe TEXT NOT NULL,
  wiped BIGINT NOT NULL,
  -- Through which phone it goes, once that is decided.
  line TEXT,
  state TEXT NOT NULL,
  next_at BIGINT NOT NULL,
  doubt_since BIGINT,
  doubt_settled_at BIGINT,
  doubt_absent_at BIGINT,
  doubt_reason TEXT,
  vendor_id TEXT,
  queue_number BIGINT,
  at_vendor_since BIGINT,
  sent_at BIGINT,
  delivered_at BIGINT,
  read_at BIGINT,
  last_error TEXT,
  unchecked BIGINT NOT NULL,
  -- What follows is derived from the rest, for the indexes.
  -- Whether the outbox will do nothing more with it by itself.
  settled BIGINT NOT NULL,
  -- Whether it is in flight, in doubt, or at the vendor under an id that is not known.
  unsure BIGINT NOT NULL,
  -- When there is something to look after: it is due, runs out of time, or is late.
  tend_at BIGINT,
  -- The transaction that changed it last.
  moved_in BIGINT NOT NULL,
  PRIMARY KEY (seq, settled),
  UNIQUE (id, settled),
  CHECK ((route_line IS NULL) <> (route_group IS NULL))
) PARTITION BY LIST (settled);
CREATE TABLE outbox_message_live PARTITION OF outbox_message FOR VALUES IN (0)
  WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
CREATE TABLE outbox_message_done PARTITION OF outbox_message FOR VALUES IN (1);
-- That a key is used once in both is seen to by a lock: see lock_keys.
CREATE UNIQUE INDEX outbox_message_key ON outbox_message (namespace, key, settled);
CREATE INDEX outbox_message_ready ON outbox_message (line, priority DESC, seq, next_at)
  WHERE state = 'ready';
CREATE INDEX outbox_message_shared ON outbox_message (route_group, priority DESC, seq, next_at)
  WHERE state = 'ready' AND line IS NULL;
-- The database itself refuses a second message in flight on one phone.
CREATE UNIQUE INDEX outbox_message_in_flight ON outbox_message_live (line) WHERE state = 'sending';
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
  message BIGINT NOT NULL,
  number BIGINT NOT NULL,
  line TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  intent_at BIGINT NOT NULL,
  deadline_at BIGINT NOT NULL,
  before TEXT,
  vendor_id TEXT,
  outcome TEXT,
  PRIMARY KEY (message, number)
);
CREATE INDEX outbox_attempt_vendor_id ON outbox_attempt (line, vendor_id)
  WHERE vendor_id IS NOT NULL;

-- The bytes of files, kept once by their SHA-256.
CREATE TABLE outbox_blob (
  digest BYTEA NOT NULL PRIMARY KEY,
  bytes BYTEA NOT NULL
);

CREATE TABLE outbox_content (
  message BIGINT PRIMARY KEY,
  body TEXT NOT NULL,
  blob BYTEA REFERENCES outbox_blob (digest)
);
CREATE INDEX outbox_content_blob ON outbox_content (blob) WHERE blob IS NOT NULL;

CREATE TABLE outbox_line (
  name TEXT NOT NULL PRIMARY KEY,
  line_group TEXT,
  epoch BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until BIGINT,
  free_at BIGINT NOT NULL,
  cursor TEXT,
  health_at BIGINT,
  health_can_send BIGINT,
  health_state TEXT,
  health_advice TEXT,
  trouble_at BIGINT,
  added_at BIGINT,
  -- What it has sent on the last day on which it sent anything, for the rules of its route.
  tally_day BIGINT NOT NULL,
  tally_sent BIGINT NOT NULL,
  tally_strangers BIGINT NOT NULL
);

-- Acknowledgements of messages that nobody knows yet.
CREATE TABLE outbox_orphan (
  number BIGINT PRIMARY KEY,
  line TEXT NOT NULL,
  vendor_id TEXT NOT NULL,
  ack TEXT NOT NULL,
  at BIGINT NOT NULL
);

-- Acknowledgements of messages that nobody knows yet.
CREATE TABLE outbox_orphan (
  number BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  line TEXT NOT NULL,
  vendor_id TEXT NOT NULL,
  ack TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX outbox_orphan_vendor_id ON outbox_orphan (line, vendor_id);

-- What happened, for the audit trail and the feed.
CREATE TABLE outbox_change (
  number BIGINT GENERATED BY DEFAULT AS IDENTITY,
  -- Transactions end in another order than they begin: what belongs to one that may still be preceded
  -- by others is not told yet.
  "transaction" BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  message BYTEA NOT NULL,
  at BIGINT NOT NULL,
  what TEXT NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY ("transaction", number)
);
CREATE INDEX outbox_change_message ON outbox_change (message, number);
CREATE INDEX outbox_change_at ON outbox_change (at);

CREATE TABLE outbox_consumer (
  name TEXT NOT NULL PRIMARY KEY,
  "transaction" BIGINT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL
);
