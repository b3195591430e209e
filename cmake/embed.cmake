# Writes OUT: every .case file below ROOT as a C string, in the order of names.
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/*.case)
list(SORT files)
set(text "/* Made by cmake/embed.cmake. */\n#include \"cases/curated.h\"\n\nconst struct mue_curated mue_curated[] = {\n")
foreach(file IN LISTS files)
  string(REGEX REPLACE "\\.case$" "" name ${file})
  # Hex, so that no byte of a file (';', '[', '\\', quotes) means anything to CMake or C.
  file(READ ${ROOT}/${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  string(APPEND text "\t{\"${name}\", \"${bytes}\"},\n")
endforeach()
string(APPEND text "\t{0, 0},\n};\n")
file(WRITE ${OUT} "${text}")
