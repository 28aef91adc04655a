# SPDX-License-Identifier: MIT
# The libraries of others. Each list of pkg-config names also goes into the installed .pc file.

find_package(PkgConfig REQUIRED)

# kida_require(prefix name…): imported targets PkgConfig::…, collected in <prefix>_DEPENDENCIES.
function(kida_require prefix mode)
  set(targets)
  set(found TRUE)
  foreach(name IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER ${name} id)
    pkg_check_modules(${id} ${mode} IMPORTED_TARGET ${name})
    if(NOT ${id}_FOUND)
      set(found FALSE)
    else()
      list(APPEND targets PkgConfig::${id})
    endif()
  endforeach()
  list(JOIN ARGN ", " requires)
  set(${prefix}_DEPENDENCIES ${targets} m ${CMAKE_DL_LIBS} PARENT_SCOPE)
  set(${prefix}_DEPENDENCIES_FOUND ${found} PARENT_SCOPE)
  set(${prefix}_PC_REQUIRES "${requires}" PARENT_SCOPE)
  set(${prefix}_PC_MODULES ${ARGN} PARENT_SCOPE)
endfunction()

kida_require(KIDA REQUIRED libpcre2-8 libutf8proc libtommath)

if(KIDA_BUILD_CHIRP)
  kida_require(CHIRP QUIET libuv libsodium)
  find_package(Llhttp)
  if(NOT Llhttp_FOUND)
    set(CHIRP_DEPENDENCIES_FOUND FALSE)
  endif()
  if(NOT CHIRP_DEPENDENCIES_FOUND)
    message(STATUS "libchirp is left out: it needs libuv, libsodium and llhttp")
  endif()
endif()
