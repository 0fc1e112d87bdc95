set(flags -std=c++20 -fsyntax-only -Wall -Wextra -Werror=unused-result -Werror=narrowing
  -I${ROOT} -I${ROOT}/resources/include -I${ROOT}/transport/include
  -I${ROOT}/actors/api/include)
if(KIND STREQUAL "wrong")
  list(APPEND flags -DFABRIC_WRONG)
endif()
execute_process(COMMAND ${COMPILER} ${flags} ${SNIPPET}
  RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(KIND STREQUAL "right")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "should compile:\n${said}")
  endif()
elseif(status EQUAL 0)
  message(FATAL_ERROR "should not compile: ${SNIPPET}")
elseif(NOT said MATCHES "error[^\n]*(${PATTERN})")
  message(FATAL_ERROR "failed for another reason than '${PATTERN}':\n${said}")
endif()
