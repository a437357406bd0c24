# Makes of an installed tree what Debian wants of a package, before cpack packs it.
set(share ${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
set(doc ${share}/doc/bachsim)
if(NOT EXISTS ${doc}/LICENSE)
  message(FATAL_ERROR "${doc}: the documents are not where they were to be installed")
endif()

file(READ ${doc}/LICENSE license)
string(REGEX REPLACE "^MIT License\n\nCopyright \\(c\\) ([^\n]*)\n\n" "" license "${license}")
set(owners "${CMAKE_MATCH_1}")
string(STRIP "${license}" license)
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: bachsim

Files: *
Copyright: ${owners}
License: Expat
 ${license}
")
file(REMOVE ${doc}/LICENSE)

file(COPY_FILE ${CPACK_BACHSIM_CHANGELOG} ${doc}/changelog)
file(GLOB pages ${share}/man/man?/*)
execute_process(COMMAND gzip -9n ${doc}/changelog ${pages} COMMAND_ERROR_IS_FATAL ANY)

file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_bachsim ${share}/zsh/vendor-completions/_bachsim)
file(REMOVE_RECURSE ${share}/zsh/site-functions)

# Where pkg-config looks when it is to compile for another architecture, too.
execute_process(COMMAND dpkg-architecture -qDEB_HOST_MULTIARCH OUTPUT_VARIABLE triplet OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
set(lib ${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/lib)
file(READ ${lib}/pkgconfig/bachsim.pc pc)
string(REPLACE "\${pcfiledir}/../.." "\${pcfiledir}/../../.." pc "${pc}")
file(WRITE ${lib}/${triplet}/pkgconfig/bachsim.pc "${pc}")
file(REMOVE_RECURSE ${lib}/pkgconfig)

file(GLOB_RECURSE archives ${CPACK_TEMPORARY_DIRECTORY}/*.a)
execute_process(COMMAND strip --strip-unneeded --remove-section=.comment ${archives} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND chmod -R u=rwX,go=rX ${CPACK_TEMPORARY_DIRECTORY} COMMAND_ERROR_IS_FATAL ANY)
