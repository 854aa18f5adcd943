# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion for testudo, which says itself what fits: testudo completion fish | source
function __testudo_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for answer in ($words[1] completion --words $words[2..] "$word" 2>/dev/null)
        switch $answer
            case '\?*'
            case '/*'
                set -l part (string split -m 1 ' ' -- (string sub -s 2 -- $answer))
                set -l head (string sub -l $part[1] -- "$word")
                set -l endings (string join '|' -- (string escape --style=regex -- (string split ' ' -- "$part[2]")))
                for file in (complete -C "'' "(string sub -s (math $part[1] + 1) -- "$word"))
                    string match -q -r '/$|('$endings')$' -- $file
                    and echo $head$file
                end
            case '*'
                echo $answer
        end
    end
end
complete -c testudo -f -a '(__testudo_complete)'
