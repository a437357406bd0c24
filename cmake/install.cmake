# What `cmake --install` puts where, beside the library, and the Debian package that `cpack` makes of it.
include(GNUInstallDirs)

# Manual pages, from the documents: bachsim_man_page(<name> <section> <what it is> <document> <see also>)
add_executable(bachsim_man_page ${PROJECT_SOURCE_DIR}/cmake/man_page.cc)
target_link_libraries(bachsim_man_page PRIVATE bachsim_build_options ${CMARK_GFM_EXTENSIONS} ${CMARK_GFM})
function(bachsim_man_page name section about document see_also)
  set(page ${CMAKE_CURRENT_BINARY_DIR}/${name}.${section})
  set(text ${PROJECT_SOURCE_DIR}/docs/${document})
  string(APPEND see_also ". The other documents are in ${CMAKE_INSTALL_DOCDIR}/docs, below the folder that bachsim was installed into.")
  add_custom_command(OUTPUT ${page} DEPENDS bachsim_man_page ${text} VERBATIM
    COMMAND bachsim_man_page ${name} ${section} ${about} "bachsim ${PROJECT_VERSION}" "${see_also}" ${text} ${page})
  add_custom_target(bachsim_${name}_page ALL DEPENDS ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT program)
endfunction()
bachsim_man_page(bachsim 1 "simulate the memory system of UNIX System V" interface.md "bachsim-workload(5)")
bachsim_man_page(bachsim-workload 5 "the language of bachsim's workloads" workload-language.md "bachsim(1)")

# Colors for editors, from the lists of the lexer.
add_executable(bachsim_syntax ${PROJECT_SOURCE_DIR}/cmake/syntax.cc)
target_link_libraries(bachsim_syntax PRIVATE bachsim_language)
foreach(target bachsim_man_page bachsim_syntax)  # each runs once, when all is built
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
endforeach()
set(editors ${PROJECT_SOURCE_DIR}/cmake/editors)
set(made ${CMAKE_CURRENT_BINARY_DIR}/editors)
configure_file(${editors}/vscode/package.json.in ${made}/package.json @ONLY)
add_custom_command(OUTPUT ${made}/bachsim.vim ${made}/bachsim.tmLanguage.json DEPENDS bachsim_syntax VERBATIM
  COMMAND bachsim_syntax vim ${made}/bachsim.vim
  COMMAND bachsim_syntax vscode ${made}/bachsim.tmLanguage.json)
add_custom_target(bachsim_editors ALL DEPENDS ${made}/bachsim.vim)
set(vim ${CMAKE_INSTALL_DATADIR}/vim/vimfiles)
set(vscode ${CMAKE_INSTALL_DATADIR}/bachsim/vscode)
install(FILES ${made}/bachsim.vim DESTINATION ${vim}/syntax COMPONENT program)
install(FILES ${editors}/vim/ftdetect.vim DESTINATION ${vim}/ftdetect RENAME bachsim.vim COMPONENT program)
install(FILES ${editors}/vim/ftplugin.vim DESTINATION ${vim}/ftplugin RENAME bachsim.vim COMPONENT program)
install(FILES ${made}/package.json ${editors}/vscode/language-configuration.json DESTINATION ${vscode} COMPONENT program)
install(FILES ${made}/bachsim.tmLanguage.json DESTINATION ${vscode}/syntaxes COMPONENT program)

set(completion ${PROJECT_SOURCE_DIR}/cmake/completion)
set(share ${CMAKE_INSTALL_DATADIR})
install(FILES ${completion}/bachsim.bash DESTINATION ${share}/bash-completion/completions RENAME bachsim
  COMPONENT program)
install(FILES ${completion}/_bachsim DESTINATION ${share}/zsh/site-functions COMPONENT program)
install(FILES ${completion}/bachsim.fish DESTINATION ${share}/fish/vendor_completions.d COMPONENT program)

install(TARGETS bachsim COMPONENT program)
# The links of the documents hold, and the scripts that they name are there.
install(FILES README.md CONTRIBUTING.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
foreach(folder examples compare textbook traces)
  install(DIRECTORY workloads/${folder} DESTINATION ${CMAKE_INSTALL_DOCDIR}/workloads COMPONENT program
    FILES_MATCHING PATTERN *.bach PATTERN *.inc PATTERN *.expected PATTERN *.gz)
endforeach()

if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "the bachsim authors <bachsim@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulator of the memory system of UNIX System V")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "bachsim runs workloads on a simulated kernel that manages memory as
M. J. Bach's The Design of the UNIX Operating System describes it: regions,
copy-on-write fork, the page stealer, swap, above real page tables of RISC-V.
It shows every table and counter at any moment, draws them, makes homework of
the book's figures, and has its kernel as a C++ library.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION education)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, graphviz")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "g++, libboost-dev, libfmt-dev")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian.cmake)
set(CPACK_BACHSIM_CHANGELOG ${PROJECT_SOURCE_DIR}/cmake/debian.changelog)
include(CPack)
