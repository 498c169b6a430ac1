"""Run every benchmark of this folder, one after the other: python -m benchmarks."""

import platform
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import psutil

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))


def main() -> None:
    """Print the machine and the date, then each benchmark's table."""
    memory = psutil.virtual_memory().total / 1e9
    print(
        f"{datetime.now(UTC):%d %B %Y}, {platform.system()} {platform.machine()}, "
        f"{psutil.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"
    )
    for name in NAMES:
        module = import_module(f"benchmarks.{name}")
        print(f"\n## {module.__doc__.splitlines()[0]}\n", flush=True)
        module.main()


if __name__ == "__main__":
    main()
