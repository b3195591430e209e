# What was chosen, and which optional parts won.
message(STATUS "mue ${PROJECT_VERSION}")
message(STATUS "  compiler   ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}, ${CMAKE_BUILD_TYPE}")
message(STATUS "  libbpf     ${BPF_VERSION}")
message(STATUS "  jansson    ${JANSSON_VERSION}")
message(STATUS "  sanitizers ${MUE_SANITIZE}")
message(STATUS "  libFuzzer  ${MUE_FUZZ}: ${MUE_FUZZ_WON}")
message(STATUS "  guests     ${MUE_GUEST}: ${MUE_GUEST_WON}, ${MUE_GUEST_WHY}")
message(STATUS "  tests      ${BUILD_TESTING}")
