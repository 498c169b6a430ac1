"""Dates and times as text, by the patterns of Java's DateTimeFormatter, which ksqlDB takes."""
