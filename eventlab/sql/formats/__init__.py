"""Keys and values as bytes: ksqlDB's formats, each a pair of functions made for some columns."""
