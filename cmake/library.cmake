# The library `bachsim::bachsim`: the kernel and the layers below it in one archive. Its public header is
# sim/kernel/kernel.h, which is installed with the headers that it includes, and nothing else.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The headers that `header` includes, directly or through others, behind those in `result`.
function(bachsim_headers header result)
  set(all ${${result}} ${header})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
  file(STRINGS ${PROJECT_SOURCE_DIR}/${header} includes REGEX "^#include \"")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^#include \"(.*)\".*$" "\\1" included "${line}")
    if(NOT included IN_LIST all)
      bachsim_headers(${included} all)
    endif()
  endforeach()
  set(${result} ${all} PARENT_SCOPE)
endfunction()
set(bachsim_public_headers "")
bachsim_headers(sim/kernel/kernel.h bachsim_public_headers)
list(TRANSFORM bachsim_public_headers PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE header_files)

add_library(bachsim_library STATIC $<TARGET_OBJECTS:bachsim_machine> $<TARGET_OBJECTS:bachsim_swap>
  $<TARGET_OBJECTS:bachsim_regions> $<TARGET_OBJECTS:bachsim_kernel>)
add_library(bachsim::bachsim ALIAS bachsim_library)
set_target_properties(bachsim_library PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME bachsim EXPORT_NAME bachsim)
target_compile_features(bachsim_library INTERFACE cxx_std_23)
target_link_libraries(bachsim_library PUBLIC Boost::headers PRIVATE fmt::fmt)
target_sources(bachsim_library PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${header_files})

if(BACHSIM_INSTALL)
  install(TARGETS bachsim_library EXPORT bachsim COMPONENT library
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bachsim COMPONENT library)
  set(folder ${CMAKE_INSTALL_LIBDIR}/cmake/bachsim)
  install(EXPORT bachsim NAMESPACE bachsim:: FILE bachsimTargets.cmake DESTINATION ${folder} COMPONENT library)
  configure_package_config_file(cmake/bachsimConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/bachsimConfig.cmake
    INSTALL_DESTINATION ${folder})
  write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/bachsimConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bachsimConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/bachsimConfigVersion.cmake
    DESTINATION ${folder} COMPONENT library)
  # The file finds itself, so that a tree can be moved.
  file(RELATIVE_PATH up ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  configure_file(cmake/bachsim.pc.in ${CMAKE_CURRENT_BINARY_DIR}/bachsim.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bachsim.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
endif()
