CREATE TABLE IF NOT EXISTS "latchkey_sessions" (
  id TEXT NOT NULL PRIMARY KEY,
  data JSONB NOT NULL,
  owner TEXT,
  created_at BIGINT NOT NULL,
  renewed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  kept_until BIGINT NOT NULL,
  mark TEXT
);

CREATE INDEX IF NOT EXISTS "latchkey_sessions_owner" ON "latchkey_sessions" (owner) WHERE owner IS NOT NULL;

CREATE INDEX IF NOT EXISTS "latchkey_sessions_kept_until" ON "latchkey_sessions" (kept_until);

CREATE TABLE IF NOT EXISTS "latchkey_attempts" (
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  failed INT NOT NULL,
  pending INT NOT NULL,
  begun_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (id, source)
);

CREATE INDEX IF NOT EXISTS "latchkey_attempts_ends_at" ON "latchkey_attempts" (ends_at);
