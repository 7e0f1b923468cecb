# SPDX-License-Identifier: Apache-2.0
# Warnings are errors, for gcc and clang alike; the sanitizers come from the preset.
add_compile_options(-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
                    -Wwrite-strings -Wvla -Wformat=2 -Wundef -fno-common -fno-strict-aliasing)
add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -D_FORTIFY_SOURCE=2)
endif()
# gcc cannot know that dr_fail() never returns DR_OK, and warns of what cannot be; texts for people are cut at their bound
# on purpose.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-maybe-uninitialized -Wno-format-truncation)
endif()
if(DR_SANITIZE)
  add_compile_options(-fsanitize=${DR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DR_SANITIZE})
endif()
# libFuzzer steers by the edges that an input reaches in any of our code.
if(DR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
