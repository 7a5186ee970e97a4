CREATE TABLE IF NOT EXISTS `latchkey_sessions` (
  id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  data JSON NOT NULL,
  owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  created_at BIGINT NOT NULL,
  renewed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  replaced_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  INDEX owner (owner),
  INDEX expires_at (expires_at)
);
