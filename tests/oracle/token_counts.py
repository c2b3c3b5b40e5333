"""token_counts.py - what token-stats counts, beside what others count."""
import subprocess, sys


def compare(label, options, path, wanted, records):
    """Exits with a sentence unless token-stats counts for the lines of the file at
    path what is wanted, for each one number."""
    counts = subprocess.run(
        ["token-stats", *options, "--counts", path],
        stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    if len(counts) != len(wanted):
        sys.exit(f"{label}: {len(counts)} counts of {len(wanted)} records")
    wrong = [i for i, count in enumerate(counts) if count != str(wanted[i])]
    for i in wrong[:5]:
        print(f"{label}: {counts[i]} tokens, not {wanted[i]}: {records[i]!r}")
    if wrong:
        sys.exit(f"{label}: {len(wrong)} of {len(counts)} counted otherwise")
    print(f"{label}: {len(counts)} counted alike")
