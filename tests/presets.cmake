# What ./test builds beside release: the unit tests with clang, and with ASan and UBSan,
# under which emulator and model also answer the whole suite, and this kernel a part of it.
get_filename_component(builds ${CMAKE_BINARY_DIR} DIRECTORY)
if(CMAKE_BINARY_DIR STREQUAL "${CMAKE_SOURCE_DIR}/build/release")
  foreach(preset clang sanitize)
    add_test(NAME ${preset}.unit COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${builds}/${preset} -L unit
      --output-on-failure)
  endforeach()
  add_test(NAME sanitize.suite COMMAND ${builds}/sanitize/mue run --on emulator,model --terminal -)
  add_test(NAME sanitize.host COMMAND ${builds}/sanitize/mue run --on host,emulator --shard 1/8 --terminal -)
  set_tests_properties(clang.unit sanitize.unit sanitize.suite PROPERTIES LABELS presets)
  set_tests_properties(sanitize.host PROPERTIES LABELS "presets;kernel" RUN_SERIAL TRUE)
endif()
