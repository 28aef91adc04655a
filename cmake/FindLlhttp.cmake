# SPDX-License-Identifier: MIT
# llhttp comes in two shapes: a system library (from 9 on, where strict is the only mode), or C
# sources as distributions ship them, compiled here in strict mode. Gives the target
# llhttp_interface (include path and definitions), LLHTTP_LINK (what to link) and, for the second
# shape, llhttp_objects. A system library older than 9 is passed over: nobody can tell whether it
# was compiled strict.

find_path(LLHTTP_INCLUDE_DIR llhttp.h PATH_SUFFIXES include include/llhttp share/include/llhttp
          PATHS ${LLHTTP_SOURCE_DIR} ${CMAKE_PREFIX_PATH} ${CMAKE_SYSTEM_PREFIX_PATH}
          DOC "Folder of llhttp.h")
find_library(LLHTTP_LIBRARY llhttp)
find_path(LLHTTP_SOURCE_DIR llhttp.c PATH_SUFFIXES share/llhttp src/llhttp
          PATHS ${CMAKE_PREFIX_PATH} ${CMAKE_SYSTEM_PREFIX_PATH}
          DOC "Folder of llhttp's C sources (api.c, http.c, llhttp.c)")

set(llhttp_version "")
if(LLHTTP_INCLUDE_DIR)
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS ${LLHTTP_INCLUDE_DIR}/llhttp.h line REGEX "#define LLHTTP_VERSION_${part} ")
    string(REGEX MATCH "[0-9]+$" number "${line}")
    list(APPEND llhttp_version ${number})
  endforeach()
  list(JOIN llhttp_version "." llhttp_version)
endif()

set(llhttp_shape "")
if(LLHTTP_LIBRARY AND llhttp_version VERSION_GREATER_EQUAL 9)
  set(llhttp_shape "library ${LLHTTP_LIBRARY}")
elseif(LLHTTP_SOURCE_DIR)
  set(llhttp_shape "sources in ${LLHTTP_SOURCE_DIR}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Llhttp REQUIRED_VARS llhttp_shape LLHTTP_INCLUDE_DIR
                                  VERSION_VAR llhttp_version)
mark_as_advanced(LLHTTP_INCLUDE_DIR LLHTTP_LIBRARY LLHTTP_SOURCE_DIR)

if(Llhttp_FOUND AND NOT TARGET llhttp_interface)
  add_library(llhttp_interface INTERFACE)
  target_include_directories(llhttp_interface SYSTEM INTERFACE ${LLHTTP_INCLUDE_DIR})
  if(llhttp_shape MATCHES "^library")
    set(LLHTTP_LINK ${LLHTTP_LIBRARY})
  else()
    set(LLHTTP_LINK)
    target_compile_definitions(llhttp_interface INTERFACE LLHTTP_STRICT_MODE=1)
    add_library(llhttp_objects OBJECT ${LLHTTP_SOURCE_DIR}/api.c ${LLHTTP_SOURCE_DIR}/http.c
                                      ${LLHTTP_SOURCE_DIR}/llhttp.c)
    set_target_properties(llhttp_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(llhttp_objects PRIVATE -w)
    target_link_libraries(llhttp_objects PRIVATE llhttp_interface)
  endif()
endif()
