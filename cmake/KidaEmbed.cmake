# SPDX-License-Identifier: MIT
# Files as bytes inside a library or program, which then needs no folder of data.

# kida_embed(out root header type symbol pattern…): *out is a C file that defines symbol, an array of
# type (name, bytes, length) ended by zeros, made from the files below root; it is made anew when one
# of them changes.
function(kida_embed out root header type symbol)
  list(TRANSFORM ARGN PREPEND ${root}/)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${root} ${ARGN})
  set(text "/* Made from ${symbol}'s folder. */\n#include \"${header}\"\n\n")
  set(rows "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root}/${file})
    string(MAKE_C_IDENTIFIER ${file} id)
    file(READ ${root}/${file} hex HEX)
    string(LENGTH "${hex}" digits)
    math(EXPR bytes "${digits} / 2")
    string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" hex "${hex}")
    string(APPEND text "static const unsigned char ${id}[] = {\n${hex}\n};\n\n")
    string(APPEND rows "    { \"${file}\", ${id}, ${bytes} },\n")
  endforeach()
  string(APPEND text "const ${type} ${symbol}[] = {\n${rows}    { 0, 0, 0 },\n};\n")
  set(made ${PROJECT_BINARY_DIR}/${symbol}.c)
  file(WRITE ${made}.new "${text}")
  configure_file(${made}.new ${made} COPYONLY)
  set(${out} ${made} PARENT_SCOPE)
endfunction()
