#!/bin/bash
# dockerfile.sh - what can be told of the Dockerfile without a container engine:
# its instructions, the files it copies, its command, the libraries it installs.
set -u
cd "$TOP" || exit 1
python3 - <<'END' || exit 1
import json, os, re, subprocess
text = re.sub(r"^#.*\n", "", open("Dockerfile").read(), flags=re.M)
lines = [line.strip() for line in text.replace("\\\n", " ").split("\n")]
stages, entrypoint = set(), None
for line in filter(None, lines):
    word, rest = line.split(None, 1)
    assert word in {"FROM", "RUN", "COPY", "USER", "WORKDIR", "VOLUME", "ENV",
                    "EXPOSE", "ENTRYPOINT"}, line
    if word == "FROM":
        stages.update(rest.split(" AS ")[1:])
    if word == "RUN":
        subprocess.run(["sh", "-n", "-c", rest], check=True)
    if word == "COPY" and rest.startswith("--from="):
        assert rest.split()[0][len("--from="):] in stages, line
    elif word == "COPY":
        assert all(os.path.exists(name) for name in rest.split()[:-1]), line
    if word == "ENTRYPOINT":
        entrypoint = json.loads(rest)
    if word == "USER":
        assert rest != "root" and rest != "0", line
help = subprocess.run(entrypoint + ["--help"], stdout=subprocess.PIPE,
                      env={**os.environ, "PORT": "1"}, check=True).stdout
assert help.startswith(b"Usage: collector-serve"), help
END

# The packages of the run stage hold each library that the programs need.
if grep -q 'VERSION_ID="12"' /etc/os-release && command -v readelf >/dev/null; then
  for tool; do
    readelf -d "$(command -v $tool)" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'
  done | sort -u | while read -r library; do
    package=$(dpkg -S "*/$library" | sed 's/:.*//;q')
    case $package in
      libc6* | libgcc* | libstdc++* | lib*san*) ;;
      *) grep -qw -- "$package" Dockerfile ||
        { echo "Dockerfile does not install $package"; exit 1; } ;;
    esac
  done || exit 1
fi
echo "the Dockerfile holds"
