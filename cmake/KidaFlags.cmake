# SPDX-License-Identifier: MIT
# Compiler flags, as interface targets: kida_flags for all of our code, kida_c_warnings for C.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")

find_package(Threads REQUIRED)

add_library(kida_flags INTERFACE)
target_compile_options(kida_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wvla -Wswitch-enum
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
  $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
  $<$<BOOL:${KIDA_WERROR}>:-Werror>)
target_compile_definitions(kida_flags INTERFACE $<$<BOOL:${KIDA_SWITCH_VM}>:KD_SWITCH_VM=1>)

# Calls inside a shared library go straight to their target; clang does so by itself.
include(CheckCCompilerFlag)
check_c_compiler_flag(-fno-semantic-interposition KIDA_HAS_NO_INTERPOSITION)
if(KIDA_HAS_NO_INTERPOSITION)
  target_compile_options(kida_flags INTERFACE -fno-semantic-interposition)
endif()

# gcc zeroes structs with `rep stos`, which takes longer to start than most of them take to fill.
set(KIDA_MEMSET_FLAG -mmemset-strategy=vector_loop:512:noalign,libcall:-1:noalign)
check_c_compiler_flag(${KIDA_MEMSET_FLAG} KIDA_HAS_MEMSET_STRATEGY)
if(KIDA_HAS_MEMSET_STRATEGY)
  target_compile_options(kida_flags INTERFACE ${KIDA_MEMSET_FLAG})
endif()

# What turns a mistake with memory into an end instead of a way in (robustness WC-5). Compilers make
# position-independent programs by themselves where that is usual. In the engine functions with a
# buffer are guarded; its dispatch loop, which has none, would pay for the strong form in each step.
set(KIDA_GUARDED_BUFFERS $<STREQUAL:$<TARGET_PROPERTY:NAME>,kida_objects>)
if(NOT KIDA_SANITIZE)
  target_compile_options(kida_flags INTERFACE
    $<IF:${KIDA_GUARDED_BUFFERS},-fstack-protector,-fstack-protector-strong>
    $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE>
    $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=2>)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    add_link_options(-Wl,-z,relro -Wl,-z,now)
  endif()
endif()

# Sanitizers and coverage concern every file and every link, third-party sources included.
if(KIDA_SANITIZE)
  add_compile_options(-fsanitize=${KIDA_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${KIDA_SANITIZE})
endif()
if(KIDA_COVERAGE)
  add_compile_options(--coverage -g)
  add_link_options(--coverage)
endif()

if(KIDA_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT lto_works OUTPUT lto_output LANGUAGES C)
  if(NOT lto_works)
    message(FATAL_ERROR "KIDA_LTO: this compiler can't: ${lto_output}")
  endif()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
