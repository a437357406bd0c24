cmake_minimum_required(VERSION 3.25)
# Runs one workload and compares standard output, standard error and exit status, whole, with its .expected file.
#
# The command is `bachsim ${COMMAND}` in the workload's folder, `run FILE` if none is given, unless the workload's first
# line says otherwise:
#   # run: run --format json FILE
# FILE is the workload's file, NAME that without `.bach`.
# With UPDATE_GOLDEN=1 in the environment the .expected file is written instead: read the difference.
cmake_path(GET WORKLOAD PARENT_PATH folder)
cmake_path(GET WORKLOAD FILENAME file)
cmake_path(REPLACE_EXTENSION WORKLOAD LAST_ONLY expected OUTPUT_VARIABLE expected)

set(command "run FILE")
if(COMMAND)
  set(command "${COMMAND}")
endif()
file(STRINGS ${WORKLOAD} first LIMIT_COUNT 1)
if(first MATCHES "^# run: (.*)$")
  set(command "${CMAKE_MATCH_1}")
endif()
separate_arguments(words UNIX_COMMAND "${command}")
list(TRANSFORM words REPLACE "^FILE$" "${file}")
cmake_path(GET file STEM LAST_ONLY name)
list(TRANSFORM words REPLACE "^NAME$" "${name}")

execute_process(COMMAND ${SIM} ${words} WORKING_DIRECTORY ${folder} INPUT_FILE ${WORKLOAD}
  OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE status)
set(got "${out}")
if(NOT err STREQUAL "")
  string(APPEND got "--- standard error\n${err}")
endif()
string(APPEND got "--- exit status ${status}\n")

if(DEFINED ENV{UPDATE_GOLDEN})
  file(WRITE ${expected} "${got}")
  return()
endif()
set(want "(there is no ${expected})")
if(EXISTS ${expected})
  file(READ ${expected} want)
endif()
if(NOT got STREQUAL want)
  file(WRITE ${GOT} "${got}")
  execute_process(COMMAND diff -u -N --label expected --label got ${expected} ${GOT})
  message(FATAL_ERROR "${file}: the output differs. If that is right: UPDATE_GOLDEN=1 ctest -L golden")
endif()
