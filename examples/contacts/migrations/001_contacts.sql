CREATE TABLE contacts (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    phone TEXT NOT NULL DEFAULT ''
);

INSERT INTO contacts (name, email, phone) VALUES
    ('Ada Lovelace', 'ada@example.org', '+44 20 7946 0018'),
    ('Alan Turing', 'alan@example.org', '+44 161 496 0112'),
    ('Grace Hopper', 'grace@example.org', '');
