# SPDX-License-Identifier: Apache-2.0
# What we build on, and nothing else: docs/developers/dependencies.md says why each is there.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(APR REQUIRED IMPORTED_TARGET apr-1>=1.7 apr-util-1>=1.6)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libssl>=3.0 libcrypto>=3.0)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(BLKID REQUIRED IMPORTED_TARGET blkid)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.85)
find_path(CUNIT_INCLUDE CUnit/Basic.h REQUIRED)
find_library(CUNIT_LIBRARY cunit REQUIRED)
