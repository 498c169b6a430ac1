"""From expressions to functions of a row, with ksqlDB's types."""
