CREATE TABLE accounts (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE COLLATE NOCASE,
    hash    TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1 -- sessions of another version are void
);
