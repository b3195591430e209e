# Writes OUT: the files of the list FROM, one behind the other, as a C string NAME, declared in
# HEADER. A configuration fragment NAME.config becomes a shell function fragment_NAME that prints it.
foreach(file IN LISTS FROM)
  file(READ ${file} content HEX)
  if(file MATCHES "([a-z]+)\\.config$")
    string(HEX "fragment_${CMAKE_MATCH_1}() {\ncat <<'END_OF_FRAGMENT'\n" before)
    string(HEX "END_OF_FRAGMENT\n}\n" after)
    set(content "${before}${content}${after}")
  endif()
  string(APPEND hex "${content}")
endforeach()
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
file(WRITE ${OUT} "/* Made by cmake/embed_file.cmake. */\n#include \"${HEADER}\"\n\nconst char ${NAME}[] =\n\t\"${bytes}\";\n")
