# Guests: the agent, a static program that becomes an initramfs's /init, and its embedding in mue.
set(MUE_GUEST AUTO CACHE STRING "Build guest support (QEMU, user-mode Linux): AUTO, ON, OFF")
set_property(CACHE MUE_GUEST PROPERTY STRINGS AUTO ON OFF)
set(MUE_GUEST_WON OFF)
pkg_check_modules(ARCHIVE IMPORTED_TARGET libarchive)
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -static)
set(CMAKE_REQUIRED_LIBRARIES bpf elf z)
check_c_source_compiles("
  int bpf_map_freeze(int); int main(void) { return bpf_map_freeze(-1) == 0; }" MUE_STATIC_LIBBPF)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_LIBRARIES)

if(MUE_GUEST STREQUAL OFF)
  set(MUE_GUEST_WHY "asked not to")
elseif(MUE_SANITIZE)
  set(MUE_GUEST_WHY "sanitizers cannot be linked statically")
elseif(NOT ARCHIVE_FOUND)
  set(MUE_GUEST_WHY "libarchive is missing")
elseif(NOT MUE_STATIC_LIBBPF)
  set(MUE_GUEST_WHY "libbpf.a, libelf.a or libz.a is missing")
else()
  set(MUE_GUEST_WON ON)
  set(MUE_GUEST_WHY "libarchive ${ARCHIVE_VERSION}")
endif()
if(MUE_GUEST STREQUAL ON AND NOT MUE_GUEST_WON)
  message(FATAL_ERROR "MUE_GUEST=ON, but ${MUE_GUEST_WHY}")
endif()

if(MUE_GUEST_WON)
  file(GLOB agent CONFIGURE_DEPENDS runners/guest/agent/*.c)
  add_executable(mue-agent ${agent} runners/guest/log.c)
  # Of our libraries only the archives: their own link lines name shared objects.
  target_include_directories(mue-agent PRIVATE ${BPF_INCLUDE_DIRS})
  add_dependencies(mue-agent mue_kernel mue_cases)
  target_link_options(mue-agent PRIVATE -static -s)
  target_link_libraries(mue-agent PRIVATE $<TARGET_FILE:mue_kernel> $<TARGET_FILE:mue_cases> bpf elf z)

  set(agent_s ${CMAKE_BINARY_DIR}/agent.S)
  file(WRITE ${agent_s} "
	.section .rodata
	.global mue_agent_begin, mue_agent_end
mue_agent_begin:
	.incbin \"${CMAKE_BINARY_DIR}/mue-agent\"
mue_agent_end:
	.section .note.GNU-stack,\"\",@progbits
")
  enable_language(ASM)
  mue_library(mue_guest runners/guest/*.c)
  target_sources(mue_guest PRIVATE ${agent_s})
  set_source_files_properties(${agent_s} PROPERTIES OBJECT_DEPENDS ${CMAKE_BINARY_DIR}/mue-agent)
  add_dependencies(mue_guest mue-agent)
  target_link_libraries(mue_guest PUBLIC mue_cases PkgConfig::ARCHIVE)
  target_compile_definitions(mue_guest PUBLIC MUE_HAVE_GUEST)
  list(APPEND MUE_LIBS mue_guest)

  # The scripts behind `mue kernels fetch` and `build`, as C strings.
  function(mue_embed_script name)
    set(out ${CMAKE_BINARY_DIR}/${name}.c)
    add_custom_command(OUTPUT ${out}
      COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DFROM=${ARGN}" -DNAME=mue_kernels_${name}_script
              -DHEADER=runners/guest/kernels.h -P ${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake
      DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake VERBATIM)
    target_sources(mue_guest PRIVATE ${out})
  endfunction()
  set(guest_dir ${CMAKE_SOURCE_DIR}/runners/guest)
  file(GLOB kernel_configs CONFIGURE_DEPENDS ${guest_dir}/kernel-configs/*.config)
  mue_embed_script(fetch ${guest_dir}/fetch.sh)
  mue_embed_script(build ${kernel_configs} ${guest_dir}/build.sh)
endif()
