CREATE TABLE IF NOT EXISTS "latchkey_sessions" (
  id TEXT NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  owner TEXT,
  created_at INTEGER NOT NULL,
  renewed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  kept_until INTEGER NOT NULL,
  mark TEXT
);

CREATE INDEX IF NOT EXISTS "latchkey_sessions_owner" ON "latchkey_sessions" (owner) WHERE owner IS NOT NULL;

CREATE INDEX IF NOT EXISTS "latchkey_sessions_kept_until" ON "latchkey_sessions" (kept_until);

CREATE TABLE IF NOT EXISTS "latchkey_attempts" (
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  failed INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  begun_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (id, source)
);

CREATE INDEX IF NOT EXISTS "latchkey_attempts_ends_at" ON "latchkey_attempts" (ends_at);
