cmake_minimum_required(VERSION 3.25)
# Makes the C++ file that holds the textbook's scripts (workloads/textbook/textbook.h), so that the program needs no files.
#
#   cmake -DSCRIPTS=FILE;... -DOUTPUT=FILE -P carry_scripts.cmake
#
# SCRIPTS are in the order of the listing: NAME.bach. What they include, files of their folder that end in .inc, is carried
# in its place, so that a script is one text. A script begins with its facts, on two lines:
#   # Figure 9.16: what it shows.
#   # Section 9.2.1.1. Computed.
# and has a title. It is named after what it is of: fig-9.16, ex-9.12, sec-9.1.1, with more behind another `-` if one
# is not enough. `Computed.` are numbers that the book has, and that its algorithms come to here. Where the book has none, or they
# are not at hand, the script is `Reconstructed.`, and its title says so too.
set(word_fig Figure)
set(word_ex Exercise)
set(word_sec Section)

set(scripts "")
set(script_count 0)
foreach(file IN LISTS SCRIPTS)
  file(READ ${file} text)
  cmake_path(GET file PARENT_PATH folder)
  while(text MATCHES "\ninclude \"([^\n\"]+\\.inc)\"\n")
    set(line "${CMAKE_MATCH_0}")
    if(NOT EXISTS ${folder}/${CMAKE_MATCH_1})
      message(FATAL_ERROR "\n  ${file}: there is no ${CMAKE_MATCH_1} beside it")
    endif()
    file(READ ${folder}/${CMAKE_MATCH_1} included)
    string(REPLACE "${line}" "\n${included}" text "${text}")
  endwhile()
  if(text MATCHES "\ninclude ")
    message(FATAL_ERROR "\n  ${file}: an include of a script that is carried is a line `include \"NAME.inc\"`")
  endif()
  if(text MATCHES "\\)bach\"")
    message(FATAL_ERROR "\n  ${file}: a script that is carried cannot hold )bach\"")
  endif()
  cmake_path(GET file FILENAME file_name)
  if(NOT file_name MATCHES "^((fig|ex|sec)-([0-9]+(\\.[0-9]+)*)(-[a-z0-9.-]+)?)\\.bach$")
    message(FATAL_ERROR "\n  ${file}: the name of a textbook script begins with fig-, ex- or sec- and a number")
  endif()
  set(name ${CMAKE_MATCH_1})
  set(number ${CMAKE_MATCH_3})
  set(word ${word_${CMAKE_MATCH_2}})
  string(REPLACE "." "\\." number_pattern ${number})
  if(NOT text MATCHES "^# ${word}s? ${number_pattern}([^0-9.:\n][^:\n]*)?: ([^\n]+)\\.\n")
    message(FATAL_ERROR "\n  ${file}: the first line is not `# ${word} ${number}: what it shows.`")
  endif()
  set(shows "${CMAKE_MATCH_2}")
  if(NOT text MATCHES "^[^\n]*\n# Sections? ([0-9][^\n]*)\\. (Computed|Reconstructed)\\.\n")
    message(FATAL_ERROR "\n  ${file}: the second line is not `# Section 1.2. Computed.` or `... Reconstructed.`")
  endif()
  set(sections "${CMAKE_MATCH_1}")
  set(numbers ${CMAKE_MATCH_2})
  if(NOT text MATCHES "\ntitle \"")
    message(FATAL_ERROR "\n  ${file}: a script of the textbook has a title")
  endif()
  set(computed true)
  if(numbers STREQUAL Reconstructed)
    set(computed false)
    if(NOT text MATCHES "\ntitle \"[^\n\"]*reconstructed")
      message(FATAL_ERROR "\n  ${file}: the title of a reconstructed script does not say `reconstructed`")
    endif()
  endif()
  string(APPEND scripts "    {\"${name}\", R\"bach(${shows})bach\", R\"bach(${sections})bach\", ${computed},\n"
    "     R\"bach(${text})bach\"},\n")
  math(EXPR script_count "${script_count} + 1")
endforeach()

file(WRITE ${OUTPUT} "// Made by cmake/carry_scripts.cmake.
#include <array>

#include \"workloads/textbook/textbook.h\"

namespace bachsim {
namespace {

constexpr std::array<TextbookScript, ${script_count}> kScripts{{
${scripts}}};

}  // namespace

std::span<const TextbookScript> textbook_scripts() {
  return kScripts;
}

}  // namespace bachsim
")
