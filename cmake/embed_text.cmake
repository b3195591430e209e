# Writes OUT: each text file of the list IN as a C string, mue_export_NAME for NAME.c.
set(text "/* Made by cmake/embed_text.cmake. */\n#include \"cases/export_c.h\"\n")
foreach(file IN LISTS IN)
  get_filename_component(name ${file} NAME_WE)
  # Hex, so that no byte means anything to CMake or C.
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  string(APPEND text "\nconst char mue_export_${name}[] = \"${bytes}\";\n")
endforeach()
file(WRITE ${OUT} "${text}")
