-- One row for each note.
CREATE TABLE notes (
    id      INTEGER PRIMARY KEY,
    title   TEXT NOT NULL UNIQUE COLLATE NOCASE,
    body    TEXT NOT NULL DEFAULT '',
    color   TEXT NOT NULL DEFAULT 'plain',
    pinned  INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT (unixepoch())
);

INSERT INTO notes (title, body, color, pinned) VALUES
    ('Welcome', 'Everything on this page comes out of one SQLite file. Change it, pin it, delete it.', 'sun', 1),
    ('Shopping', 'Bread, apples, coffee beans', 'leaf', 0),
    ('Read', 'The chapter on hypermedia, once more', 'sky', 0);
