CREATE TABLE IF NOT EXISTS `latchkey_sessions` (
  id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  data JSON NOT NULL,
  owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  created_at BIGINT NOT NULL,
  renewed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  kept_until BIGINT NOT NULL,
  mark TEXT CHARACTER SET utf8mb4,
  INDEX owner (owner),
  INDEX kept_until (kept_until)
);

CREATE TABLE IF NOT EXISTS `latchkey_attempts` (
  id VARCHAR(65) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source VARCHAR(65) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  failed INT NOT NULL,
  pending INT NOT NULL,
  begun_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (id, source),
  INDEX ends_at (ends_at)
);
