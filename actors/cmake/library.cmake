# The libraries that programs link, in the tree and installed: taskfabric::taskfabric, and beside it
# taskfabric::study for programs that search, and taskfabric::caf for those that live in CAF.
#
# Each archive holds the objects of one library here and of all our libraries below it, so that a
# program links one file. What these need of others (ZeroMQ, ...) a program links, too, but never
# includes; CAF is the exception, for programs that ask for it.

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

# An archive of these libraries: fabric_archive(NAME parts...). Installed as taskfabric::EXPORTED.
function(fabric_archive name exported)
  set(objects "")
  foreach(part IN LISTS ARGN)
    list(APPEND objects $<TARGET_OBJECTS:${part}>)
  endforeach()
  add_library(${name} STATIC ${objects})
  add_library(taskfabric::${exported} ALIAS ${name})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME ${exported})
  target_compile_features(${name} INTERFACE cxx_std_20)
endfunction()

fabric_libraries_below(fabric_program fabric_parts)
fabric_archive(taskfabric taskfabric ${fabric_parts})

fabric_libraries_below(fabric_caf fabric_caf_parts)
list(REMOVE_ITEM fabric_caf_parts ${fabric_parts})
fabric_archive(taskfabric_caf caf ${fabric_caf_parts})
set(fabric_caf_folder ${PROJECT_SOURCE_DIR}/actors/caf_bridge/include)
target_include_directories(taskfabric_caf INTERFACE $<BUILD_INTERFACE:${fabric_caf_folder}>)
target_link_libraries(taskfabric_caf INTERFACE taskfabric CAF::core)

fabric_libraries_below(fabric_study fabric_study_parts)
list(REMOVE_ITEM fabric_study_parts ${fabric_parts})
fabric_archive(taskfabric_study study ${fabric_study_parts})
set(fabric_study_folder ${PROJECT_SOURCE_DIR}/actors/study/include)
target_include_directories(taskfabric_study INTERFACE $<BUILD_INTERFACE:${fabric_study_folder}>)
target_link_libraries(taskfabric_study INTERFACE taskfabric
  $<BUILD_INTERFACE:$<LINK_ONLY:SQLite::SQLite3>> $<BUILD_INTERFACE:$<LINK_ONLY:PkgConfig::libpq>>)

# Folders of public headers: one folder when installed.
set(fabric_public_folders
  ${PROJECT_SOURCE_DIR}/resources/include
  ${PROJECT_SOURCE_DIR}/transport/include
  ${PROJECT_SOURCE_DIR}/actors/api/include)
foreach(folder IN LISTS fabric_public_folders)
  target_include_directories(taskfabric INTERFACE $<BUILD_INTERFACE:${folder}>)
endforeach()

# Libraries of others: in the tree as the parts found them, installed as taskfabricConfig.cmake
# finds them, by their names for the linker. Behind each: Debian's package.
set(fabric_requirements zmq:libzmq3-dev sodium:libsodium-dev)
set(fabric_study_requirements sqlite3:libsqlite3-dev pq:libpq-dev)
set(fabric_link_words "")
set(fabric_debian_packages "")
foreach(name cppzmq PkgConfig::sodium)
  target_link_libraries(taskfabric INTERFACE $<BUILD_INTERFACE:$<LINK_ONLY:${name}>>)
endforeach()
foreach(requirement IN LISTS fabric_requirements)
  string(REGEX MATCH "([^:]+):(.+)" matched ${requirement})
  target_link_libraries(taskfabric INTERFACE $<INSTALL_INTERFACE:taskfabric::${CMAKE_MATCH_1}>)
  string(APPEND fabric_link_words " -l${CMAKE_MATCH_1}")
  list(APPEND fabric_debian_packages ${CMAKE_MATCH_2})
endforeach()
target_link_libraries(taskfabric INTERFACE Threads::Threads $<BUILD_INTERFACE:fabric_sanitized>)
set(fabric_study_link_words "")
foreach(requirement IN LISTS fabric_study_requirements)
  string(REGEX MATCH "([^:]+):(.+)" matched ${requirement})
  target_link_libraries(taskfabric_study
    INTERFACE $<INSTALL_INTERFACE:taskfabric::${CMAKE_MATCH_1}>)
  string(APPEND fabric_study_link_words " -l${CMAKE_MATCH_1}")
endforeach()
