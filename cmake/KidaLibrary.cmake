# SPDX-License-Identifier: MIT
# A library is compiled once, position-independent, into object parts, and linked twice: NAME
# (shared) and NAME_static, both called libNAME on disk.

# kida_add_part(target SOURCES … [PRIVATE_INCLUDE …] [LINK …])
function(kida_add_part target)
  cmake_parse_arguments(PARSE_ARGV 1 part "" "" "SOURCES;PRIVATE_INCLUDE;LINK")
  add_library(${target} OBJECT ${part_SOURCES})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/libkida/include
                                               ${part_PRIVATE_INCLUDE})
  target_link_libraries(${target} PRIVATE kida_flags Threads::Threads ${part_LINK})
endfunction()

# kida_add_library(name PARTS … LINK … INCLUDE dir [USES name] PC_REQUIRES "…" DESCRIPTION "…")
function(kida_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 lib "" "INCLUDE;USES;PC_REQUIRES;DESCRIPTION" "PARTS;LINK")
  set(objects)
  foreach(part IN LISTS lib_PARTS)
    list(APPEND objects $<TARGET_OBJECTS:${part}>)
  endforeach()

  set(kinds static)
  add_library(${name}_static STATIC ${objects})
  add_library(${name}::static ALIAS ${name}_static)
  if(KIDA_BUILD_SHARED)
    list(APPEND kinds shared)
    add_library(${name} SHARED ${objects})
    set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION}
                                             SOVERSION ${PROJECT_VERSION_MAJOR})
    kida_limit_exports(${name})
    add_library(${name}::${name} ALIAS ${name})
  else()
    add_library(${name}::${name} ALIAS ${name}_static)
  endif()

  foreach(kind IN LISTS kinds)
    set(target ${name})
    set(used ${lib_USES})
    if(kind STREQUAL "static")
      set(target ${name}_static)
      if(lib_USES)
        set(used ${lib_USES}_static)
      endif()
      set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} EXPORT_NAME static)
    endif()
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${lib_INCLUDE}>
                                                $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${target} PUBLIC ${used} PRIVATE ${lib_LINK} Threads::Threads)
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
  endforeach()

  set_property(GLOBAL APPEND PROPERTY KIDA_LIBRARIES ${name})
  set_property(GLOBAL PROPERTY ${name}_PC_REQUIRES "${lib_PC_REQUIRES}")
  set_property(GLOBAL PROPERTY ${name}_DESCRIPTION "${lib_DESCRIPTION}")
  set_property(GLOBAL PROPERTY ${name}_INCLUDE "${lib_INCLUDE}")
  set_property(GLOBAL PROPERTY ${name}_USES "${lib_USES}")
endfunction()

# A shared library exports NAME_… and nothing else, also where third-party objects say otherwise.
function(kida_limit_exports name)
  if(APPLE)
    return()
  endif()
  set(script ${PROJECT_BINARY_DIR}/${name}.map)
  file(WRITE ${script}.new "{ global: ${name}_*; local: *; };\n")
  configure_file(${script}.new ${script} COPYONLY)
  target_link_options(${name} PRIVATE -Wl,--version-script=${script})
  if(NOT KIDA_SANITIZE) # a sanitizer's run-time symbols come from the program
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
