"""From text to statements: ksqlDB's dialect on sqlglot's tokens."""
