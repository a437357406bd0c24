autocmd BufNewFile,BufRead *.bach setfiletype bachsim
