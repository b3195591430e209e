# Fuzz targets: fuzz/targets/NAME.c defines LLVMFuzzerTestOneInput. Each becomes
#   replay_NAME  which runs its corpus fuzz/corpora/NAME as a test
#   fuzz_NAME    with clang: searches with libFuzzer, under $MUE_FUZZ_SANITIZE
#   afl_NAME     with CC=afl-clang-fast: searches under afl-fuzz; mue_mutator.so is the mutator for it
# A new target is its name and its libraries here. Those of MUE_FUZZ_CASES take cases (fuzz/input.h): they get the
# structure-aware mutator. `fuzzers` builds all that this compiler can.
set(MUE_FUZZ_TARGETS text_parser json_parser emulator_any emulator_model)
set(MUE_FUZZ_CASES emulator_model)
set(MUE_FUZZ_LIBS_text_parser mue_cases)
set(MUE_FUZZ_LIBS_json_parser mue_cases)
set(MUE_FUZZ_LIBS_emulator_any mue_emulator mue_cases)
set(MUE_FUZZ_LIBS_emulator_model mue_emulator mue_fuzz mue_oracle mue_cases)
set(MUE_FUZZ_SANITIZE "address,undefined" CACHE STRING "Sanitizers of fuzz targets, as for -fsanitize=, or empty")

foreach(target IN LISTS MUE_FUZZ_TARGETS)
  add_executable(replay_${target} fuzz/targets/${target}.c fuzz/engines/replay.c)
  target_link_libraries(replay_${target} PRIVATE ${MUE_FUZZ_LIBS_${target}})
  if(BUILD_TESTING)
    add_test(NAME fuzz.${target} COMMAND replay_${target} fuzz/corpora/${target}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(fuzz.${target} PROPERTIES LABELS unit)
  endif()
endforeach()
add_custom_target(fuzzers)

# What instruments for a fuzzer cannot be linked elsewhere: targets get copies of their libraries, one for each way to
# compile. Of targets that take cases only those who answer them say what they cover (answer): what reads, makes and
# lowers cases would drown them (quiet).
function(mue_fuzz_library copy lib way)
  get_target_property(sources ${lib} SOURCES)
  add_library(${copy} STATIC ${sources})
  target_compile_options(${copy} PRIVATE ${MUE_FUZZ_COMPILE_${way}})
  set_property(TARGET ${copy} PROPERTY RULE_LAUNCH_COMPILE "${MUE_FUZZ_LAUNCH_${way}}")
  target_link_libraries(${copy} PUBLIC PkgConfig::JANSSON PkgConfig::BPF z)
  add_dependencies(${copy} ${lib}) # which makes the generated sources
endfunction()

function(mue_fuzzer way target)
  add_executable(${way}_${target} fuzz/targets/${target}.c ${ARGN})
  target_compile_options(${way}_${target} PRIVATE ${MUE_FUZZ_COMPILE_${way}})
  foreach(lib IN LISTS MUE_FUZZ_LIBS_${target})
    set(lib_way ${way})
    if(target IN_LIST MUE_FUZZ_CASES AND lib MATCHES "emulator|oracle")
      set(lib_way answer)
    elseif(target IN_LIST MUE_FUZZ_CASES)
      set(lib_way quiet)
    endif()
    if(NOT TARGET ${lib}_${lib_way})
      mue_fuzz_library(${lib}_${lib_way} ${lib} ${lib_way})
    endif()
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
  foreach(target IN LISTS MUE_FUZZ_TARGETS)
    mue_fuzzer(afl ${target} fuzz/engines/afl_main.c)
  endforeach()
  get_target_property(mutator_sources mue_fuzz SOURCES)
  get_target_property(cases_sources mue_cases SOURCES)
  set(mutator ${CMAKE_BINARY_DIR}/mue_mutator.so)
  add_custom_command(OUTPUT ${mutator}
    COMMAND clang -O2 -shared -fPIC -fvisibility=hidden -D_GNU_SOURCE "-DMUE_VERSION_STRING=\"${PROJECT_VERSION}\""
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
  if(target IN_LIST MUE_FUZZ_CASES)
    mue_fuzzer(fuzz ${target} fuzz/engines/libfuzzer.c)
  else()
    mue_fuzzer(fuzz ${target})
  endif()
  target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer ${MUE_FUZZ_COMPILE_quiet})
endforeach()
