#!/bin/bash
# dump-threads-damage.sh - compressed dumps, cut off and with bits flipped at
# random: never a crash, never a hang, never exit status 0; what comes before a
# cut is used. Then bits of the headers: some of these make another valid file
# of the same text (a gzip header's time, the size of zstd's window), which may
# pass, but only with the threads of the whole file.
#
# labels: quick faults
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && exec python3 - <<'END'
import gzip, json, random, subprocess, sys, zlib

rng = random.Random(31)

def comment(n):
    body = "".join(rng.choice("ab cdé春🌀\n") for _ in range(rng.randrange(200)))
    return json.dumps({"id": "c%d" % n, "link_id": "t3_p", "parent_id": "t3_p",
                       "created_utc": n, "body": body, "subreddit": "pics"},
                      ensure_ascii=n % 2 == 0).encode() + b"\n"

def zstd(data, *options):
    return subprocess.run(["zstd", "-qc", "--check", *options], input=data,
                          stdout=subprocess.PIPE, check=True).stdout

def run(name, subreddit):
    command = ["dump-threads", "--submissions", "RS", "--comments", name,
               "--min-comments", "0"] + ["--subreddit", "Pics"] * subreddit
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)

def write(name, data):
    with open(name, "wb") as file:
        file.write(data)

def decompressed(data, is_zstd):
    """What a cut-off file still holds, up to the last whole line."""
    if is_zstd:
        text = subprocess.run(["zstd", "-dqc"], input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
    else:
        text = b""
        while data:  # one member after the other
            member = zlib.decompressobj(31)
            text += member.decompress(data)
            data = member.unused_data
    return text[: text.rfind(b"\n") + 1]

write("RS", b'{"id":"p","created_utc":1,"subreddit":"pics"}\n')
parts = [b"".join(comment(n) for n in range(begin, begin + 150))
         for begin in (0, 150, 300)]
write("plain", b"".join(parts))
whole = run("plain", False).stdout
kinds = {
    "zst": [zstd(parts[0]), zstd(parts[1], "-B4096"), zstd(parts[2], "-1")],
    "gz": [gzip.compress(part, mtime=0) for part in parts],
}
passed = 0
wrong = []
for round in range(260):
    kind = rng.choice(list(kinds))
    frames = kinds[kind]
    data = b"".join(frames)
    ends = [sum(map(len, frames[:n])) for n in range(len(frames) + 1)]
    headers = {end + n for end in ends[:-1] for n in range(10)}
    expected = None
    is_header = round >= 200
    if is_header or round % 2:
        byte = rng.choice([n for n in range(len(data)) if (n in headers) == is_header])
        bit = byte * 8 + rng.randrange(8)
        data = bytearray(data)
        data[bit // 8] ^= 1 << bit % 8
        what = "%s with bit %d flipped" % (kind, bit)
    else:
        cut = rng.choice([n for n in range(len(data)) if n not in ends])
        data = data[:cut]
        what = "%s cut off at %d" % (kind, cut)
        write("before", decompressed(data, kind == "zst"))
        expected = run("before", False).stdout
    write("damaged", data)
    got = run("damaged", round % 3 == 0)
    if is_header and got.returncode == 0 and got.stdout == whole:
        passed += 1
    elif got.returncode != 65 or not got.stderr.startswith(b"dump-threads: damaged:"):
        wrong.append("%s: exit status %d" % (what, got.returncode))
    elif expected is not None and got.stdout != expected:
        wrong.append("%s: not all that comes before is used" % what)
print("200 damaged files; 60 headers, of which %d say the same" % passed)
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
END
