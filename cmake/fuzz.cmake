# Fuzz targets: fuzz/targets/NAME.c defines LLVMFuzzerTestOneInput. Each becomes
#   replay_NAME  which runs its corpus fuzz/corpora/NAME as a test
#   fuzz_NAME    with clang: searches with libFuzzer, under $MUE_FUZZ_SANITIZE
#   afl_NAME     with CC=afl-clang-fast: searches under afl-fuzz; mue_mutator.so is the mutator for it
# A new target is its name and its libraries here. Those of MUE_FUZZ_CASES take cases (fuzz/input.h): they get the
# structure-aware mutator. `fuzzers` builds all that this compiler can.
set(MUE_FUZZ_TARGETS text_parser json_parser codec emulator_any emulator_model kernel_emulator helper_syscall
  edited_program)
set(MUE_FUZZ_CASES emulator_model kernel_emulator helper_syscall edited_program)
# Those that ask this kernel: their corpora are tests that need privileges.
set(MUE_FUZZ_LIVE kernel_emulator helper_syscall edited_program)
set(MUE_FUZZ_LIBS_text_parser mue_cases)
set(MUE_FUZZ_LIBS_json_parser mue_cases)
set(MUE_FUZZ_LIBS_emulator_any mue_emulator mue_cases)
set(MUE_FUZZ_LIBS_codec mue_fuzz mue_oracle mue_cases)
set(MUE_FUZZ_LIBS_emulator_model mue_emulator mue_fuzz mue_oracle mue_cases)
set(MUE_FUZZ_LIBS_kernel_emulator mue_live mue_kernel mue_emulator mue_fuzz mue_oracle mue_cases)
set(MUE_FUZZ_LIBS_edited_program ${MUE_FUZZ_LIBS_kernel_emulator})
set(MUE_FUZZ_LIBS_helper_syscall mue_live mue_kernel mue_fuzz mue_oracle mue_cases)
# A live kernel is the one thing in fuzz/ that needs the runners that reach one.
add_library(mue_live STATIC fuzz/live/live.c)
target_link_libraries(mue_live PUBLIC mue_fuzz mue_oracle mue_kernel)
if(TARGET mue_guest)
  target_link_libraries(mue_live PUBLIC mue_guest)
endif()
set(MUE_FUZZ_SANITIZE "address,undefined" CACHE STRING "Sanitizers of fuzz targets, as for -fsanitize=, or empty")

foreach(target IN LISTS MUE_FUZZ_TARGETS)
  add_executable(replay_${target} fuzz/targets/${target}.c fuzz/engines/replay.c)
  target_link_libraries(replay_${target} PRIVATE ${MUE_FUZZ_LIBS_${target}})
  if(BUILD_TESTING)
    add_test(NAME fuzz.${target} COMMAND replay_${target} fuzz/corpora/${target}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(fuzz.${target} PROPERTIES LABELS unit)
    if(target IN_LIST MUE_FUZZ_LIVE)
      set_tests_properties(fuzz.${target} PROPERTIES LABELS kernel SKIP_RETURN_CODE 77)
    endif()
    if(target STREQUAL edited_program) # which asks a guest
      set_tests_properties(fuzz.${target} PROPERTIES LABELS guest FIXTURES_REQUIRED guest_kernels)
    endif()
  endif()
endforeach()
add_custom_target(fuzzers)

# mue.dict: for -dict= of libFuzzer and -x of afl-fuzz, out of the tables.
add_executable(fuzz_dictionary fuzz/engines/dictionary.c)
target_link_libraries(fuzz_dictionary PRIVATE mue_fuzz mue_cases)
add_custom_command(TARGET fuzz_dictionary POST_BUILD
  COMMAND fuzz_dictionary > ${CMAKE_BINARY_DIR}/mue.dict VERBATIM)
add_dependencies(fuzzers fuzz_dictionary)

# What instruments for a fuzzer cannot be linked elsewhere: targets get copies of their libraries, one for each way to
# compile. Of targets that take cases only the rules say what they cover (answer): maps and helpers of the emulator, the model.
# What reads, makes, lowers and checks cases would drown them, and slow them down (quiet).
set(MUE_FUZZ_RULES "emulator/(maps/|map|users|helpers)|oracle/model")

function(mue_fuzz_library copy lib way sources)
  add_library(${copy} STATIC ${sources})
  target_compile_options(${copy} PRIVATE ${MUE_FUZZ_COMPILE_${way}})
  set_property(TARGET ${copy} PROPERTY RULE_LAUNCH_COMPILE "${MUE_FUZZ_LAUNCH_${way}}")
  target_link_libraries(${copy} PUBLIC PkgConfig::JANSSON PkgConfig::BPF z)
  add_dependencies(${copy} ${lib}) # which makes the generated sources
  if(lib STREQUAL mue_live AND TARGET mue_guest)
    target_link_libraries(${copy} PUBLIC mue_guest)
  endif()
endfunction()

# The copy of a library for one way, made when it is first wanted; ${lib}_cases is of two ways.
function(mue_fuzz_copy lib way)
  if(TARGET ${lib}_${way})
    return()
  endif()
  get_target_property(sources ${lib} SOURCES)
  if(NOT way STREQUAL cases)
    mue_fuzz_library(${lib}_${way} ${lib} ${way} "${sources}")
    return()
  endif()
  set(rules ${sources})
  list(FILTER rules INCLUDE REGEX "${MUE_FUZZ_RULES}")
  list(FILTER sources EXCLUDE REGEX "${MUE_FUZZ_RULES}")
  mue_fuzz_library(${lib}_cases ${lib} quiet "${sources}")
  if(rules)
    mue_fuzz_library(${lib}_rules ${lib} answer "${rules}")
    target_link_libraries(${lib}_cases PUBLIC ${lib}_rules)
    target_link_libraries(${lib}_rules PUBLIC ${lib}_cases)
  endif()
endfunction()

function(mue_fuzzer way target)
  add_executable(${way}_${target} fuzz/targets/${target}.c ${ARGN})
  target_compile_options(${way}_${target} PRIVATE ${MUE_FUZZ_COMPILE_${way}})
  set(lib_way ${way})
  if(target IN_LIST MUE_FUZZ_CASES)
    set(lib_way cases)
  endif()
  foreach(lib IN LISTS MUE_FUZZ_LIBS_${target})
    mue_fuzz_copy(${lib} ${lib_way})
    target_link_libraries(${way}_${target} PRIVATE ${lib}_${lib_way})
  endforeach()
  add_dependencies(fuzzers ${way}_${target})
endfunction()

# AFL++: the compiler instruments all but what it is told to leave alone; the mutator, which afl-fuzz itself loads, must
# be compiled without it.
get_filename_component(compiler ${CMAKE_C_COMPILER} NAME)
if(compiler MATCHES "^afl-")
  set(MUE_FUZZ_WON "no, AFL++ instead")
  file(WRITE ${CMAKE_BINARY_DIR}/nothing.txt "src: *\n")
  set(MUE_FUZZ_LAUNCH_quiet "env AFL_LLVM_DENYLIST=${CMAKE_BINARY_DIR}/nothing.txt")
  # It names what the compiler itself declares in what it instruments.
  set(kernel_afl ${CMAKE_BINARY_DIR}/kernel_afl.o)
  add_custom_command(OUTPUT ${kernel_afl}
    COMMAND clang -O2 -g -c -D_GNU_SOURCE -I. fuzz/engines/kernel_afl.c -o ${kernel_afl}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DEPENDS fuzz/engines/kernel_afl.c VERBATIM)
  foreach(target IN LISTS MUE_FUZZ_TARGETS)
    if(target IN_LIST MUE_FUZZ_LIVE)
      mue_fuzzer(afl ${target} fuzz/engines/afl_main.c ${kernel_afl})
    else()
      mue_fuzzer(afl ${target} fuzz/engines/afl_main.c)
    endif()
  endforeach()
  get_target_property(mutator_sources mue_fuzz SOURCES)
  get_target_property(cases_sources mue_cases SOURCES)
  set(mutator ${CMAKE_BINARY_DIR}/mue_mutator.so)
  add_custom_command(OUTPUT ${mutator}
    COMMAND clang -O2 -shared -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections
            -Wl,--gc-sections -Wl,-z,defs -D_GNU_SOURCE "-DMUE_VERSION_STRING=\"${PROJECT_VERSION}\""
            -I. fuzz/engines/afl_mutator.c ${mutator_sources} ${cases_sources} -ljansson -lbpf -o ${mutator}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    DEPENDS fuzz/engines/afl_mutator.c ${mutator_sources} ${cases_sources} VERBATIM)
  add_custom_target(mue_mutator DEPENDS ${mutator})
  add_dependencies(fuzzers mue_mutator)
  return()
endif()

# libFuzzer comes with clang; its runtime may be a package of its own.
set(MUE_FUZZ_WON "no, it needs CC=clang")
if(MUE_FUZZ STREQUAL "OFF")
  set(MUE_FUZZ_WON "no")
elseif(CMAKE_C_COMPILER_ID MATCHES "Clang")
  include(CheckCSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -fsanitize=fuzzer)
  check_c_source_compiles("
    #include <stddef.h>
    #include <stdint.h>
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { (void)data; return size & 0; }"
    MUE_LIBFUZZER_LINKS)
  unset(CMAKE_REQUIRED_FLAGS)
  set(MUE_FUZZ_WON "no, its runtime is missing")
  if(MUE_LIBFUZZER_LINKS)
    set(MUE_FUZZ_WON "yes")
  endif()
endif()
if(MUE_FUZZ STREQUAL "ON" AND NOT MUE_FUZZ_WON STREQUAL "yes")
  message(FATAL_ERROR "MUE_FUZZ=ON, but libFuzzer: ${MUE_FUZZ_WON}")
endif()
if(NOT MUE_FUZZ_WON STREQUAL "yes")
  return()
endif()

if(MUE_FUZZ_SANITIZE)
  set(MUE_FUZZ_COMPILE_quiet -fsanitize=${MUE_FUZZ_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()
set(MUE_FUZZ_COMPILE_fuzz -fsanitize=fuzzer-no-link ${MUE_FUZZ_COMPILE_quiet})
# Comparisons are not traced: the mutator knows what cases are compared with.
set(MUE_FUZZ_COMPILE_answer -fsanitize-coverage=inline-8bit-counters,pc-table ${MUE_FUZZ_COMPILE_quiet})
foreach(target IN LISTS MUE_FUZZ_TARGETS)
  if(target IN_LIST MUE_FUZZ_LIVE)
    mue_fuzzer(fuzz ${target} fuzz/engines/libfuzzer.c fuzz/engines/kernel_libfuzzer.c)
  elseif(target IN_LIST MUE_FUZZ_CASES)
    mue_fuzzer(fuzz ${target} fuzz/engines/libfuzzer.c)
  else()
    mue_fuzzer(fuzz ${target})
  endif()
  target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer ${MUE_FUZZ_COMPILE_quiet})
endforeach()
