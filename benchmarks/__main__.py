"""Run a measurement by its name."""

import sys
from importlib import import_module

# name: (module with a function main(arguments) -> exit code, what it measures)
BENCHMARKS = {
    "calibration": ("benchmarks.calibration", "what learning from accepted presses does to held-out ones"),
    "capacity": (
        "benchmarks.capacity.main",
        "how many stamps can be told apart, by noise, tips, face and place",
    ),
    "index": ("benchmarks.indexing.main", "the index beside scipy, nanoflann, pykdtree and FAISS"),
    "owner": ("benchmarks.owner", "the owner's pages with a million presses, and the feed of fifty pages"),
    "page": ("benchmarks.page", "from contact to ink and to the server's word, in Chromium over 4G"),
    "recognition": ("benchmarks.recognition", "right, wrong and unregistered stamps at 60,000 shops"),
}


def main(arguments: list[str]) -> int:
    """Dispatch to the measurement named first; the rest are its own options.

    Returns
    -------
    int
        Exit code: 0 when done, 2 when there is no such measurement.
    """
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(_usage())
        return 0 if arguments else 2
    name, *options = arguments
    if name not in BENCHMARKS:
        print(f"There is no benchmark {name!r}.\n\n{_usage()}", file=sys.stderr)
        return 2
    code: int = import_module(BENCHMARKS[name][0]).main(options)
    return code


def _usage() -> str:
    rows = [f"  {name:<14} {what}" for name, (_, what) in sorted(BENCHMARKS.items())]
    return "\n".join(
        [
            "usage: python -m benchmarks NAME [options]",
            "",
            *rows,
            "",
            "python -m benchmarks NAME --help lists the options of one.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
