# Fuzz targets: fuzz/targets/NAME.c defines LLVMFuzzerTestOneInput. Each becomes replay_NAME, which runs its
# corpus fuzz/corpora/NAME as a test; and, with clang, fuzz_NAME, which searches with libFuzzer under
# ASan and UBSan. A new target is its name and its libraries here.
set(MUE_FUZZ_TARGETS text_parser json_parser emulator_any)
set(MUE_FUZZ_LIBS_text_parser mue_cases)
set(MUE_FUZZ_LIBS_json_parser mue_cases)
set(MUE_FUZZ_LIBS_emulator_any mue_emulator mue_oracle mue_cases)

foreach(target IN LISTS MUE_FUZZ_TARGETS)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/fuzz/targets/${target}.c)
    list(REMOVE_ITEM MUE_FUZZ_TARGETS ${target})
    continue()
  endif()
  add_executable(replay_${target} fuzz/targets/${target}.c fuzz/targets/replay.c)
  target_link_libraries(replay_${target} PRIVATE ${MUE_FUZZ_LIBS_${target}})
  if(BUILD_TESTING)
    add_test(NAME fuzz.${target} COMMAND replay_${target} fuzz/corpora/${target}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(fuzz.${target} PROPERTIES LABELS unit)
  endif()
endforeach()

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

set(fuzz_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
foreach(target IN LISTS MUE_FUZZ_TARGETS)
  add_executable(fuzz_${target} fuzz/targets/${target}.c)
  target_compile_options(fuzz_${target} PRIVATE -fsanitize=fuzzer-no-link ${fuzz_flags})
  target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer ${fuzz_flags})
  # A library that tells libFuzzer what it covers cannot be linked elsewhere: targets get a copy.
  foreach(lib IN LISTS MUE_FUZZ_LIBS_${target})
    if(NOT TARGET ${lib}_fuzz)
      get_target_property(sources ${lib} SOURCES)
      add_library(${lib}_fuzz STATIC ${sources})
      target_compile_options(${lib}_fuzz PRIVATE -fsanitize=fuzzer-no-link ${fuzz_flags})
      target_link_libraries(${lib}_fuzz PUBLIC PkgConfig::JANSSON PkgConfig::BPF)
      add_dependencies(${lib}_fuzz ${lib}) # which makes the generated sources
    endif()
    target_link_libraries(fuzz_${target} PRIVATE ${lib}_fuzz)
  endforeach()
endforeach()
