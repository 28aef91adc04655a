# SPDX-License-Identifier: MIT
# Programs: cli/<name>/*.c and examples/<name>/*.c. Those that include <chirp/…> are left out where
# libchirp is not built.

# kida_uses_chirp(out file…): whether one of the files includes a header of libchirp.
function(kida_uses_chirp out)
  set(${out} FALSE PARENT_SCOPE)
  foreach(file IN LISTS ARGN)
    file(STRINGS ${file} line REGEX "^#include [<\"]chirp/" LIMIT_COUNT 1)
    if(line)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# kida_link_program(target [chirp]): flags and the static libraries.
function(kida_link_program target uses_chirp)
  target_link_libraries(${target} PRIVATE kida_flags)
  if(uses_chirp)
    target_link_libraries(${target} PRIVATE chirp_static)
  endif()
  target_link_libraries(${target} PRIVATE kida_static)
endfunction()

# kida_add_programs(folder suffix output_dir): an executable for each folder in folder.
function(kida_add_programs folder suffix output_dir)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*/*.c)
  set(names)
  foreach(source IN LISTS sources)
    get_filename_component(dir ${source} DIRECTORY)
    get_filename_component(name ${dir} NAME)
    list(APPEND names ${name})
  endforeach()
  list(REMOVE_DUPLICATES names)
  foreach(name IN LISTS names)
    file(GLOB mine CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/${name}/*.c)
    kida_uses_chirp(uses_chirp ${mine})
    if(NOT TARGET kida_static OR (uses_chirp AND NOT TARGET chirp_static))
      message(STATUS "${folder}/${name} is left out: a library it needs is not built")
      continue()
    endif()
    set(target ${name}${suffix})
    add_executable(${target} ${mine})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/${folder}/${name})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}
                          RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${output_dir})
    kida_link_program(${target} ${uses_chirp})
    set_property(GLOBAL APPEND PROPERTY KIDA_PROGRAMS_${folder} ${target})
  endforeach()
endfunction()

if(KIDA_BUILD_CLI)
  kida_add_programs(cli _cli bin)
endif()
if(KIDA_BUILD_EXAMPLES)
  kida_add_programs(examples _example examples)
endif()
