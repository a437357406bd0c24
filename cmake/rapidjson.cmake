# find_package(RapidJSON), and for clang a copy of its headers with what 1.1 has wrong put right, as its later source has
# it: an assignment that nobody uses and that clang 19 refuses, since it assigns to constants, and sums of a null pointer
# and a size, which UndefinedBehaviorSanitizer finds. RAPIDJSON_INCLUDE_DIRS is then the copy. Headers of a later
# RapidJSON are copied as they are.
find_package(RapidJSON REQUIRED)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  return()
endif()
find_path(RAPIDJSON_HEADERS rapidjson/document.h HINTS ${RAPIDJSON_INCLUDE_DIRS} REQUIRED)
set(RAPIDJSON_INCLUDE_DIRS ${CMAKE_CURRENT_BINARY_DIR}/rapidjson)

# bachsim_copy(<header> <text> <replacement>...): one header, with each text replaced.
function(bachsim_copy header)
  file(READ ${RAPIDJSON_HEADERS}/rapidjson/${header} content)
  while(ARGN)
    list(POP_FRONT ARGN text replacement)
    string(REPLACE "${text}" "${replacement}" content "${content}")
  endwhile()
  file(CONFIGURE OUTPUT ${RAPIDJSON_INCLUDE_DIRS}/rapidjson/${header} CONTENT "${content}" @ONLY)
endfunction()
file(COPY ${RAPIDJSON_HEADERS}/rapidjson DESTINATION ${RAPIDJSON_INCLUDE_DIRS}
  PATTERN document.h EXCLUDE PATTERN stack.h EXCLUDE)
bachsim_copy(document.h
  "{ s = rhs.s\; length = rhs.length\; }" "= delete\;")
bachsim_copy(internal/stack.h
  "stackTop_ + sizeof(T) * count > stackEnd_" "static_cast<std::ptrdiff_t>(sizeof(T) * count) > stackEnd_ - stackTop_"
  "stackTop_ + sizeof(T) * count <= stackEnd_" "static_cast<std::ptrdiff_t>(sizeof(T) * count) <= stackEnd_ - stackTop_")
