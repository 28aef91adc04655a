-- The list is always read in this order.
CREATE INDEX notes_order ON notes (pinned DESC, changed DESC, id DESC);
