# Made by scripts/make-completions; do not edit.
complete -c checksum -s c -l check -r -d 'verify the files that FILE names, with the sums it gives; - is standard input'
complete -c checksum -s a -l algorithm -x -a 'sha256 crc32c' -d 'sha256 or crc32c'
complete -c checksum -l json -d 'print a JSON object for each file: name, bytes, lines, sha256, crc32c as Cloud Storage writes it, crc32c_hex'
complete -c checksum -s q -l quiet -d 'with --check, do not name what is verified'
complete -c checksum -l color -x -a 'auto always never' -d 'color in messages: auto (on a terminal), always or never'
complete -c checksum -s h -d 'print a summary and exit'
complete -c checksum -l help -d 'print this help and exit'
complete -c checksum -s V -l version -d 'print the version and exit'
