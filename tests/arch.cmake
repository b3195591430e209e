# arch.layers: the include table holds; and the check itself sees three planted offences.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME arch.layers COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/layers/check ${CMAKE_SOURCE_DIR})
add_test(NAME arch.layers_catches COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/layers/check
  ${CMAKE_SOURCE_DIR}/tests/layers/bad)
set_tests_properties(arch.layers_catches PROPERTIES PASS_REGULAR_EXPRESSION
  "cases/up.h:1: cases/ must not include.*oracle/model.h:1: oracle/ must not include.*runners/runner.h:1: runners/ must not include")
set_tests_properties(arch.layers arch.layers_catches PROPERTIES LABELS unit)
