#include <gtest/gtest.h>

#include "tests/api/functions.hpp"

namespace fabric {
namespace {

TEST(Session, GivesTheResultOfACall) {
  auto s = init(session_options{.cpus = 2, .gpus = 0});
  auto f = s.submit(calls::add, 1, 2);
  EXPECT_EQ(f.get(), 3);
}

TEST(Session, MapsManyCallsInOneBatch) {
  auto s = init(session_options{.cpus = 2, .gpus = 0});
  std::vector<int> xs(20000);
  for (int i = 0; i < 20000; ++i) xs[static_cast<std::size_t>(i)] = i;
  const auto all = s.map(calls::add, xs, xs).get();
  for (int i = 0; i < 20000; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], 2 * i);
}

}  // namespace
}  // namespace fabric
