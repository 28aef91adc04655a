# SPDX-License-Identifier: MIT
# What a build may switch. Options of optional parts are added together with the part they govern:
# KIDA_WITH_<PART> for the engine, CHIRP_WITH_<PART> for the framework, ON where the package is found.

if(CMAKE_SOURCE_DIR STREQUAL PROJECT_SOURCE_DIR)
  set(is_top ON)
else()
  set(is_top OFF)
endif()

option(KIDA_BUILD_CHIRP "Build libchirp, the web framework" ON)
option(KIDA_BUILD_SHARED "Build the shared libraries beside the static ones" ON)
option(KIDA_BUILD_CLI "Build the command line programs" ${is_top})
option(KIDA_BUILD_EXAMPLES "Build the example applications" ${is_top})
option(KIDA_BUILD_TESTS "Build the tests" ${is_top})
option(KIDA_BUILD_FUZZ "Build the fuzz targets" ${is_top})
option(KIDA_BUILD_BENCH "Build the benchmarks" OFF)
option(KIDA_INSTALL "Make the install rules" ${is_top})

option(KIDA_WERROR "Treat warnings as errors" OFF)
option(KIDA_LTO "Optimise across files when linking" OFF)
option(KIDA_SWITCH_VM "Dispatch by switch instead of by jump table" OFF)
option(KIDA_COVERAGE "Count which lines run" OFF)
option(KIDA_CCACHE "Compile through ccache where there is one" ${is_top})
set(KIDA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build" FORCE)
endif()

if(KIDA_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM)
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  endif()
endif()
