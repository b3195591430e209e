# faults: each fault planted in the emulator's maps is found by the suite (faults/*.fault).
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME faults COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/faults/run --build ${CMAKE_BINARY_DIR})
set_tests_properties(faults PROPERTIES LABELS faults TIMEOUT 1800 RUN_SERIAL TRUE)
