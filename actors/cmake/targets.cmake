# Of programs, also of those that see public headers only.
add_library(fabric_warnings INTERFACE)
target_compile_options(fabric_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion
  -Wno-missing-field-initializers)  # a designated initialiser leaves the rest at its default
if(FABRIC_WERROR)
  target_compile_options(fabric_warnings INTERFACE -Werror)
endif()
add_library(fabric_sanitized INTERFACE)
if(FABRIC_SANITIZE)
  # Without the second flag UBSan only prints what it finds, and the test passes.
  # CAF 0.17 binds references to null where an actor takes no arguments (init_fun_factory.hpp).
  target_compile_options(fabric_sanitized INTERFACE -fsanitize=${FABRIC_SANITIZE}
    -fno-sanitize=null -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(fabric_sanitized INTERFACE -fsanitize=${FABRIC_SANITIZE})
endif()

# What every target of ours has in common.
add_library(fabric_options INTERFACE)
target_link_libraries(fabric_options INTERFACE fabric_warnings fabric_sanitized)
target_compile_features(fabric_options INTERFACE cxx_std_20)
target_include_directories(fabric_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(fabric_options INTERFACE
  -fstack-protector-strong $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
target_link_options(fabric_options INTERFACE -Wl,-z,relro,-z,now)
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection FABRIC_HAS_CF_PROTECTION)  # of x86 alone
if(FABRIC_HAS_CF_PROTECTION)
  target_compile_options(fabric_options INTERFACE -fcf-protection)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# A library of ours: fabric_library(NAME sources...)
function(fabric_library name)
  add_library(${name} STATIC ${ARGN})
  add_library(taskfabric::${name} ALIAS ${name})
  target_link_libraries(${name} PUBLIC fabric_options)
endfunction()

# A test program: fabric_test(NAME LIBRARIES a b SOURCES x_test.cpp y_test.cpp)
function(fabric_test name)
  cmake_parse_arguments(arg "" "" "LIBRARIES;SOURCES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
