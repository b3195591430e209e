# Writes OUT: the file FROM as a C string NAME, declared in HEADER.
file(READ ${FROM} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
file(WRITE ${OUT} "/* Made of ${FROM} by cmake/embed_file.cmake. */\n#include \"${HEADER}\"\n\nconst char ${NAME}[] =\n\t\"${bytes}\";\n")
