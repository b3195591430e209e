# Guests: one series in QEMU, and user-mode Linux; both are fetched first. Labelled guest.
if(NOT MUE_GUEST_WON)
  return()
endif()
add_executable(test_guest_parts guest/test_parts.c)
target_link_libraries(test_guest_parts PRIVATE ${MUE_LIBS} PkgConfig::CMOCKA)
add_test(NAME unit.guest_parts COMMAND test_guest_parts)
set_tests_properties(unit.guest_parts PROPERTIES LABELS unit)

# An image of its own that tells its places as a kernel with KCOV does, where the compiler can make one.
include(CheckCCompilerFlag)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # there is no tracer to link with
check_c_compiler_flag("-fsanitize-coverage=trace-pc -mcmodel=large -fno-pie" MUE_TRACE_PC)
unset(CMAKE_TRY_COMPILE_TARGET_TYPE)
# As the kernel is built here: with gcc, whose places stand where the test expects them.
if(MUE_TRACE_PC AND NOT MUE_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL GNU)
  add_executable(test_places guest/test_places.c guest/covered.c)
  set_source_files_properties(guest/covered.c PROPERTIES
    COMPILE_OPTIONS "-fsanitize-coverage=trace-pc;-mcmodel=large;-fno-pie;-g;-O1")
  target_link_options(test_places PRIVATE -no-pie)
  target_link_libraries(test_places PRIVATE ${MUE_LIBS} PkgConfig::CMOCKA)
  add_test(NAME unit.places COMMAND test_places)
  set_tests_properties(unit.places PROPERTIES LABELS unit)
endif()

add_executable(never_boots guest/never_boots.c)
set(guest_env "MUE=$<TARGET_FILE:mue>" "NEVER_BOOTS=$<TARGET_FILE:never_boots>")

function(guest_test name timeout)
  add_test(NAME guest.${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/guest/${ARGN})
  set_tests_properties(guest.${name} PROPERTIES LABELS guest ENVIRONMENT "${guest_env}"
    TIMEOUT ${timeout} FIXTURES_REQUIRED guest_kernels)
endfunction()
guest_test(kernels 1200 kernels.sh 6.12 uml)
set_tests_properties(guest.kernels PROPERTIES FIXTURES_SETUP guest_kernels FIXTURES_REQUIRED "")
foreach(kernel 6.12 uml)
  guest_test(answers.${kernel} 900 answers.sh ${kernel})
  guest_test(killed.${kernel} 600 killed.sh ${kernel})
  guest_test(hung.${kernel} 600 hung.sh ${kernel})
endforeach()
guest_test(changes 900 changes.sh 6.12 uml)
guest_test(options 600 options.sh)
guest_test(starved 900 starved.sh)
guest_test(boots_not 600 boots_not.sh)
guest_test(cover 300 cover.sh)
set_tests_properties(guest.cover PROPERTIES SKIP_RETURN_CODE 77)
guest_test(cells 1800 cells.sh 6.12 reference)
set_tests_properties(guest.cells PROPERTIES SKIP_RETURN_CODE 77)
