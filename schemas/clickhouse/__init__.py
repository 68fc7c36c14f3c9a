"""The tables and the questions, in SQL: data for `streams.clickhouse`, which runs them.

`migrations/NNNN_verb_noun.sql` each hold one statement that may run twice (`IF NOT EXISTS`, `OR REPLACE`) and never
change once they are released: a change is a new file. A new column is one migration that adds it to the table with a
default, and one that creates the views over it again. Rows are absolute values with a version; a `..._versions` table
keeps what was written and the view beside it shows, with FINAL, the newest of each key. `investigations/NAME.sql` each
hold one question.
"""
