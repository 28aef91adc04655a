CREATE TABLE columns (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    most  INTEGER NOT NULL DEFAULT 100 -- of cards in it
);

CREATE TABLE cards (
    id        INTEGER PRIMARY KEY,
    title     TEXT NOT NULL,
    column_id INTEGER NOT NULL REFERENCES columns,
    moved     INTEGER NOT NULL DEFAULT 0 -- grows with each move: the order in a column
);

INSERT INTO columns (id, name, most) VALUES (1, 'To do', 100), (2, 'In progress', 3), (3, 'Done', 100);
INSERT INTO cards (title, column_id, moved) VALUES
    ('Choose a colour for the shed', 1, 1),
    ('Order the wood', 1, 2),
    ('Draw a plan', 2, 3),
    ('Measure the garden', 3, 4);
