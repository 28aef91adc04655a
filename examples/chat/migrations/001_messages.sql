CREATE TABLE messages (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    author TEXT NOT NULL,
    text   TEXT NOT NULL,
    sent   INTEGER NOT NULL DEFAULT (unixepoch())
);
