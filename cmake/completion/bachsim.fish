# Completion of bachsim's command lines in fish. The program says how the words go on.

function __bachsim_words
    set -l words (commandline -opc)
    set -l typed "$(commandline -ct)"
    set -l before (string match -r '^-.*=' -- $typed)
    for line in ($words[1] complete $words[2..] $typed 2>/dev/null)
        switch $line
            case \tfile
                printf "$before%s\n" (__fish_complete_path (string replace -r '^-.*=' '' -- $typed))
            case \tfolder
                printf "$before%s\n" (__fish_complete_directories (string replace -r '^-.*=' '' -- $typed) '')
            case '*'
                echo $line
        end
    end
end
complete -c bachsim -f -a '(__bachsim_words)'
