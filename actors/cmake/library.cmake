# The library that programs link, in the tree and installed: taskfabric::taskfabric.
#
# libtaskfabric.a holds the objects of fabric_program and of all our libraries below it, so that a
# program links one file. What these need of others (CAF, ZeroMQ, ...) a program links, too, but
# never includes.

# All our static libraries that the given one is made of, itself among them.
function(fabric_libraries_below target found)
  set(all ${${found}})
  if(NOT target IN_LIST all)
    list(APPEND all ${target})
    get_target_property(below ${target} LINK_LIBRARIES)
    foreach(name IN LISTS below)
      if(TARGET ${name})
        get_target_property(type ${name} TYPE)
        get_target_property(is_imported ${name} IMPORTED)
        if(type STREQUAL "STATIC_LIBRARY" AND NOT is_imported)
          fabric_libraries_below(${name} all)
        endif()
      endif()
    endforeach()
  endif()
  set(${found} ${all} PARENT_SCOPE)
endfunction()

fabric_libraries_below(fabric_program fabric_parts)
set(objects "")
foreach(part IN LISTS fabric_parts)
  list(APPEND objects $<TARGET_OBJECTS:${part}>)
endforeach()
add_library(taskfabric STATIC ${objects})
add_library(taskfabric::taskfabric ALIAS taskfabric)
set_target_properties(taskfabric PROPERTIES LINKER_LANGUAGE CXX)
target_compile_features(taskfabric INTERFACE cxx_std_20)

# Folders of public headers: one folder when installed.
set(fabric_public_folders
  ${PROJECT_SOURCE_DIR}/resources/include
  ${PROJECT_SOURCE_DIR}/transport/include
  ${PROJECT_SOURCE_DIR}/actors/api/include)
foreach(folder IN LISTS fabric_public_folders)
  target_include_directories(taskfabric INTERFACE $<BUILD_INTERFACE:${folder}>)
endforeach()

# Libraries of others: in the tree as the parts found them, installed as taskfabricConfig.cmake
# finds them: CAF by its version, the rest by their names for the linker. Behind each: Debian's
# package.
set(fabric_requirements zmq:libzmq3-dev sodium:libsodium-dev sqlite3:libsqlite3-dev
  spdlog:libspdlog-dev fmt:libfmt-dev)
set(fabric_link_words "-lcaf_core")
set(fabric_debian_packages "libcaf-dev")
foreach(name CAF::core cppzmq PkgConfig::sodium SQLite::SQLite3 spdlog::spdlog)
  target_link_libraries(taskfabric INTERFACE $<BUILD_INTERFACE:$<LINK_ONLY:${name}>>)
endforeach()
target_link_libraries(taskfabric INTERFACE $<INSTALL_INTERFACE:$<LINK_ONLY:CAF::core>>)
foreach(requirement IN LISTS fabric_requirements)
  string(REGEX MATCH "([^:]+):(.+)" matched ${requirement})
  target_link_libraries(taskfabric INTERFACE $<INSTALL_INTERFACE:taskfabric::${CMAKE_MATCH_1}>)
  string(APPEND fabric_link_words " -l${CMAKE_MATCH_1}")
  list(APPEND fabric_debian_packages ${CMAKE_MATCH_2})
endforeach()
target_link_libraries(taskfabric INTERFACE Threads::Threads $<BUILD_INTERFACE:fabric_sanitized>)
