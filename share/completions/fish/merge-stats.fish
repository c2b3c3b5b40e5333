# Made by scripts/make-completions; do not edit.
complete -c merge-stats -l max-bad -x -d 'status 65 if a tool had more than N bad records in all, or more than N% of what it read'
complete -c merge-stats -l color -x -a 'auto always never' -d 'color in messages: auto (on a terminal), always or never'
complete -c merge-stats -s h -d 'print a summary and exit'
complete -c merge-stats -l help -d 'print this help and exit'
complete -c merge-stats -s V -l version -d 'print the version and exit'
