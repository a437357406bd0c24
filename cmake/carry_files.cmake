cmake_minimum_required(VERSION 3.25)
# Makes the C++ file that holds files for pages (sim/page/html.h), so that the program needs none beside it.
#
#   cmake -DFILES=FILE;... -DOUTPUT=FILE -P carry_files.cmake
set(cases "")
foreach(file IN LISTS FILES)
  file(READ ${file} text)
  if(text MATCHES "\\)carried\"")
    message(FATAL_ERROR "\n  ${file}: a file that is carried cannot hold )carried\"")
  endif()
  cmake_path(GET file FILENAME name)
  string(APPEND cases "  if (name == \"${name}\") return R\"carried(${text})carried\";\n")
endforeach()

file(WRITE ${OUTPUT} "// Made by cmake/carry_files.cmake.
#include \"sim/machine/check.h\"
#include \"sim/page/html.h\"

namespace bachsim {

std::string_view carried(std::string_view name) {
${cases}  kernel_panic(\"a file that is carried\", __FILE__, __LINE__);
}

}  // namespace bachsim
")
