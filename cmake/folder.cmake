# SPDX-License-Identifier: Apache-2.0
# A folder of the tree is a static library of all .c files below it, except main_*.c (programs).
function(dr_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main_[a-z]+\\.c$")
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.c)
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()

# Program NAME comes from main_NAME.c of this folder.
function(dr_program name)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main_${name}.c)
    add_executable(${name} main_${name}.c)
    target_link_libraries(${name} PRIVATE ${ARGN})
  endif()
endfunction()
