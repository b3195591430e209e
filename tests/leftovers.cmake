# What runs with triggers leave on this machine: nothing.
add_test(NAME kernel.leftovers COMMAND ${CMAKE_CURRENT_LIST_DIR}/kernel/leftovers.sh)
set_tests_properties(kernel.leftovers PROPERTIES LABELS kernel ENVIRONMENT "MUE=$<TARGET_FILE:mue>"
  SKIP_RETURN_CODE 77 TIMEOUT 300 RUN_SERIAL TRUE)
