# faults: each fault planted in the emulator's maps is found by the suite (faults/*.fault).
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(faults ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/faults/run --build ${CMAKE_BINARY_DIR})
add_test(NAME faults COMMAND ${faults})
set_tests_properties(faults PROPERTIES LABELS faults TIMEOUT 1800 RUN_SERIAL TRUE)
# And what shows some of them is reduced to the least.
add_test(NAME faults.reduce COMMAND ${faults} --reduce)
set_tests_properties(faults.reduce PROPERTIES LABELS faults TIMEOUT 600 RUN_SERIAL TRUE)
