# Made by scripts/make-completions; do not edit.
complete -c version-diff -l ids -d 'write a JSON object for each difference instead: change, id, from, to'
complete -c version-diff -l json -d 'write one JSON object instead of the table'
complete -c version-diff -s q -l quiet -d 'write nothing; the exit status tells'
complete -c version-diff -l color -x -a 'auto always never' -d 'color in messages: auto (on a terminal), always or never'
complete -c version-diff -s h -d 'print a summary and exit'
complete -c version-diff -l help -d 'print this help and exit'
complete -c version-diff -s V -l version -d 'print the version and exit'
