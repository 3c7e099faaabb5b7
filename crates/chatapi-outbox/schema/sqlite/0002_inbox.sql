-- The tables of an inbox: what the vendors posted. Times are milliseconds since 1970, UTC.

CREATE TABLE outbox_event (
  -- What tells it from all others.
  id TEXT NOT NULL PRIMARY KEY,
  -- The order in which events came. Never given out twice. It has no index but that of what is not
  -- acknowledged, so that nothing can be tempted to read its way through the rest.
  seq INTEGER NOT NULL,
  line TEXT NOT NULL,
  vendor TEXT NOT NULL,
  origin TEXT NOT NULL,
  number INTEGER,
  received_at INTEGER NOT NULL,
  -- Bytes of payload.
  size INTEGER NOT NULL,
  -- Whether it is acknowledged.
  done INTEGER NOT NULL,
  -- Who has it.
  consumer TEXT,
  -- The last lease that was given on it.
  lease INTEGER,
  -- Until when somebody has it; where nobody has, from when on it may be given out.
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  payload BLOB NOT NULL,
  CHECK (done = 0 OR consumer IS NULL)
);
CREATE UNIQUE INDEX outbox_event_open ON outbox_event (seq) WHERE done = 0;
CREATE INDEX outbox_event_held ON outbox_event (line) WHERE consumer IS NOT NULL;
CREATE INDEX outbox_event_done ON outbox_event (received_at) WHERE done = 1;

-- The greatest number that was acknowledged, by line.
CREATE TABLE outbox_event_mark (
  line TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL
) WITHOUT ROWID;

-- One row for what comes and goes (the last seq; how many events are kept, with how many bytes of
-- payload), and one for what is given out (the last lease). Whoever does the one or the other holds
-- the row, so that it is done one after the other.
CREATE TABLE outbox_event_tally (
  name TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO outbox_event_tally (name, number, events, bytes)
  VALUES ('given', 0, 0, 0), ('kept', 0, 0, 0);
