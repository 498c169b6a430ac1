"""PostgreSQL's settings: small, on loopback alone, and with all that change capture needs.

Standard library only: the supervisor needs it.
"""

from pathlib import Path

USER = "lab"
FIRST_DATABASE = "postgres"
PASSWORD_FILE = "eventlab-password"

# 22 MB with four connections that are used; PostgreSQL's own defaults take ten times that.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "50",
    "shared_buffers": "8MB",
    "wal_buffers": "256kB",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "io_method": "sync",
    "huge_pages": "off",
    "dynamic_shared_memory_type": "mmap",  # so that all of it goes with the data's folder
    "jit": "off",
    "autovacuum_max_workers": "1",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "wal_level": "logical",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    "max_slot_wal_keep_size": "256MB",  # a slot that nobody reads must not fill the disk
    "max_logical_replication_workers": "0",
    "max_sync_workers_per_subscription": "0",
    "wal_sender_timeout": "10s",
    "logging_collector": "off",
    "log_checkpoints": "off",
}

# Made once, by initdb. The password is of 32 random letters: to guess it takes for ever even where
# a try costs nothing, and a connection is to cost little.
INITDB_OPTIONS = [
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
    "--wal-segsize=1",
    "--set=scram_iterations=1",
]

# What it says is read, so it says it in English.
ENGLISH = {"LC_ALL": "C", "LANGUAGE": ""}


def command(program: str, data: Path, port: int) -> list[str]:
    """Return the command that serves the data of a folder at a port."""
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return [program, "-D", str(data), "-p", str(port), *settings]
