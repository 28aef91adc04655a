# SPDX-License-Identifier: MIT
# What `cmake --install` puts where: libraries, headers, .pc files, CMake packages, commands.

if(NOT KIDA_INSTALL)
  return()
endif()

# kida_install_library(name): everything that belongs to one library.
function(kida_install_library name)
  get_property(include GLOBAL PROPERTY ${name}_INCLUDE)
  get_property(uses GLOBAL PROPERTY ${name}_USES)
  get_property(PC_REQUIRES GLOBAL PROPERTY ${name}_PC_REQUIRES)
  get_property(PC_DESCRIPTION GLOBAL PROPERTY ${name}_DESCRIPTION)
  string(TOUPPER ${name} upper)
  set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/${name})

  install(DIRECTORY ${include}/${name} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          FILES_MATCHING PATTERN "*.h" PATTERN "*.def")

  install(TARGETS ${name}_static EXPORT ${name}-static
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT ${name}-static NAMESPACE ${name}:: DESTINATION ${cmake_dir}
          FILE ${name}-static.cmake)
  if(KIDA_BUILD_SHARED)
    install(TARGETS ${name} EXPORT ${name}-shared
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(EXPORT ${name}-shared NAMESPACE ${name}:: DESTINATION ${cmake_dir}
            FILE ${name}-shared.cmake)
  endif()

  set(PACKAGE_NAME ${name})
  set(PACKAGE_USES ${uses})
  set(PACKAGE_PC_MODULES ${${upper}_PC_MODULES})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/package-config.cmake.in
                                ${PROJECT_BINARY_DIR}/${name}-config.cmake
                                INSTALL_DESTINATION ${cmake_dir})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/${name}-config-version.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/${name}-config.cmake
                ${PROJECT_BINARY_DIR}/${name}-config-version.cmake
          DESTINATION ${cmake_dir})

  # A private requirement is named to those who link statically only.
  set(PC_NAME ${name})
  file(RELATIVE_PATH PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /) # the tree may be moved
  string(REGEX REPLACE "/$" "" PC_PREFIX "${PC_PREFIX}")
  set(PC_USES "")
  if(uses)
    set(PC_USES "${uses} = ${PROJECT_VERSION}")
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/library.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

get_property(libraries GLOBAL PROPERTY KIDA_LIBRARIES)
foreach(name IN LISTS libraries)
  kida_install_library(${name})
endforeach()

get_property(programs GLOBAL PROPERTY KIDA_PROGRAMS_cli)
if(programs)
  install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
