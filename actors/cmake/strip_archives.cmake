# Run by CPack on what it has gathered: takes the debugging information out of static libraries,
# which CMake leaves in, and which would be most of the package.
file(GLOB_RECURSE archives ${CPACK_TEMPORARY_DIRECTORY}/*.a)
foreach(archive IN LISTS archives)
  execute_process(COMMAND ${CPACK_STRIP_PROGRAM} --strip-debug ${archive} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
