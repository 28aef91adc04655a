# SPDX-License-Identifier: MIT
# The templates that come with libchirp, as bytes inside the library: it needs no folder of data.

# chirp_embed_templates(out): *out is a C file made from libchirp/share/templates/**; it is made anew
# when one of them changes.
function(chirp_embed_templates out)
  set(root ${PROJECT_SOURCE_DIR}/libchirp/share/templates)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${root} ${root}/*.html)
  set(text "/* Made from libchirp/share/templates. */\n#include \"app/share.h\"\n\n")
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
  string(APPEND text "const ch_shared_template ch_shared_templates[] = {\n${rows}    { 0, 0, 0 },\n};\n")
  set(made ${PROJECT_BINARY_DIR}/chirp_shared_templates.c)
  file(WRITE ${made}.new "${text}")
  configure_file(${made}.new ${made} COPYONLY)
  set(${out} ${made} PARENT_SCOPE)
endfunction()
