#include "fabric/error.hpp"

#include <gtest/gtest.h>

#include "fabric/pack.hpp"

namespace fabric {
namespace {

template <class T>
failure failure_when_thrown(const T& what) {
  try {
    throw what;
  } catch (...) {
    return failure_of(std::current_exception());
  }
}

TEST(Error, TellsTypeAndTextOfAnException) {
  const auto why = failure_when_thrown(std::out_of_range("far"));
  EXPECT_EQ(why.kind, error_kind::task_failed);
  EXPECT_EQ(why.type, "std::out_of_range");
  EXPECT_EQ(why.what, "far");
}

TEST(Error, TellsTheTypeOfWhatIsNoStandardException) {
  EXPECT_EQ(failure_when_thrown(42).type, "int");
  EXPECT_FALSE(failure_when_thrown(42).what.empty());
}

TEST(Error, SaysOnOneLineWhatHappenedAndWhere) {
  const error e{{.kind = error_kind::task_failed,
                 .type = "std::out_of_range",
                 .what = "far",
                 .node = "n3",
                 .attempt = 2,
                 .function = "branin"}};
  EXPECT_STREQ(e.what(), "TASK_FAILED: branin: std::out_of_range: far (attempt 2 on n3)");
  EXPECT_EQ(e.code(), fault_code::task_failed);
  EXPECT_EQ(e.message(), "far");
  EXPECT_STREQ(error({.kind = error_kind::task_failed, .what = "far\r\naway"}).what(),
               "TASK_FAILED: far  away");
}

TEST(Error, ThrowsTheClassThatBelongsToItsKind) {
  EXPECT_THROW(throw_failure({.kind = error_kind::lost}), lost_error);
  EXPECT_THROW(throw_failure({.kind = error_kind::cancelled}), cancelled_error);
  EXPECT_THROW(throw_failure({.kind = error_kind::session_closed}), cancelled_error);
  EXPECT_THROW(throw_failure({.kind = error_kind::timed_out}), timeout_error);
  EXPECT_THROW(throw_failure({.kind = error_kind::wait_timed_out}), wait_error);
  EXPECT_THROW(throw_failure({.kind = error_kind::usage}), usage_error);
  EXPECT_THROW(throw_failure({.kind = error_kind::task_failed}), task_error);
}

TEST(Error, TravelsWithAllItsParts) {
  const failure why{error_kind::lost, "t", "w", "n", 3, "f"};
  EXPECT_EQ(unpack<failure>(pack(why)).value(), why);
}

TEST(Error, KeepsKindsOfNewerVersionsReadable) {
  const error e{{.kind = static_cast<error_kind>(200), .what = "new"}};
  EXPECT_EQ(name_of(e.kind()), "unknown");
  EXPECT_EQ(e.code(), fault_code::internal);
}

}  // namespace
}  // namespace fabric
