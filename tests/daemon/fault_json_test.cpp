#include <gtest/gtest.h>

#include "actors/daemon/print.hpp"

namespace fabric::daemon {
namespace {

TEST(FaultAsJson, SaysWhatARetryWouldDo) {
  const auto retry = [](fault_code code) { return to_json(fault{code, "", ""})["retry"]; };
  EXPECT_EQ(retry(fault_code::usage), "never");
  EXPECT_EQ(retry(fault_code::busy), "later");
  EXPECT_EQ(retry(fault_code::timeout_unknown), "same_key");
}

TEST(FaultAsJson, KeepsDetailAndHintApart) {
  EXPECT_EQ(to_json(fault{fault_code::not_found, "no job 9", "see `fabricd list jobs`"}).dump(),
            R"({"code":"NOT_FOUND","retry":"never","detail":"no job 9",)"
            R"("hint":"see `fabricd list jobs`"})");
}

}  // namespace
}  // namespace fabric::daemon
