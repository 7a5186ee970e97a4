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
