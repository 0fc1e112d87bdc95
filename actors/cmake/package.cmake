# What is installed, and the Debian packages made of it: taskfabric with the program fabricd, and
# libtaskfabric-dev with what programs are built with.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/taskfabric)

install(TARGETS fabricd COMPONENT runtime)
install(TARGETS taskfabric EXPORT taskfabricTargets COMPONENT dev
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS taskfabric_caf EXPORT taskfabricCafTargets COMPONENT dev
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS taskfabric_study EXPORT taskfabricStudyTargets COMPONENT dev
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(folder IN LISTS fabric_public_folders fabric_caf_folder fabric_study_folder)
  install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev
    FILES_MATCHING PATTERN *.hpp)
endforeach()

foreach(exported taskfabricTargets taskfabricCafTargets taskfabricStudyTargets)
  install(EXPORT ${exported} NAMESPACE taskfabric:: DESTINATION ${package_folder} COMPONENT dev)
endforeach()
configure_package_config_file(actors/cmake/taskfabricConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/taskfabricConfig.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/taskfabricConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  actors/cmake/FindCAF.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/taskfabricConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/taskfabricConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT dev)

# The folder above the .pc file, so that a package may be moved.
file(RELATIVE_PATH up_from_pkgconfig /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" up_from_pkgconfig ${up_from_pkgconfig})
foreach(name taskfabric taskfabric-caf taskfabric-study)
  configure_file(actors/cmake/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Fabric developers")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_STRIP_FILES ON)
set(CPACK_STRIP_PROGRAM ${CMAKE_STRIP})
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/actors/cmake/strip_archives.cmake)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME taskfabric)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "Pool of machines that runs commands, functions and searches
 One program, fabricd: head, node and command line.")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libtaskfabric-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
list(JOIN fabric_debian_packages ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "taskfabric, libmsgpack-cxx-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "libcaf-dev, libsqlite3-dev, libpq-dev")  # of components
set(CPACK_DEBIAN_DEV_DESCRIPTION "Functions of C++ programs on several machines
 Headers, static library, CMake package and pkg-config file.")
include(CPack)
