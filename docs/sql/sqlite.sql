CREATE TABLE IF NOT EXISTS "latchkey_sessions" (
  id TEXT NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  owner TEXT,
  created_at INTEGER NOT NULL,
  renewed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  replaced_by TEXT
);

CREATE INDEX IF NOT EXISTS "latchkey_sessions_owner" ON "latchkey_sessions" (owner) WHERE owner IS NOT NULL;

CREATE INDEX IF NOT EXISTS "latchkey_sessions_expires_at" ON "latchkey_sessions" (expires_at);
