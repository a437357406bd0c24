# Completion of bachsim's command lines in fish. The program says how the words go on.

function __bachsim_words
    set -l words (commandline -opc)
    set -l typed "$(commandline -ct)"
    set -l before "$(string match -r '^-[^=]*=' -- $typed)"
    set -l path "$(string replace -r '^-[^=]*=' '' -- $typed)"
    for line in ($words[1] complete $words[2..] $typed 2>/dev/null)
        switch $line
            case \tfile
                for found in (complete -C "'' $path")
                    printf '%s%s\n' $before $found
                end
            case \tfolder
                for found in (complete -C "'' $path" | string match -r '^[^\t]*/(?:\t.*)?$')
                    printf '%s%s\n' $before $found
                end
            case '*'
                echo $line
        end
    end
end
complete -c bachsim -f -a '(__bachsim_words)'
