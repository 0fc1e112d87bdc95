#include "fabric/fault.hpp"

#include <gtest/gtest.h>

#include <set>

#include "fabric/result.hpp"

namespace fabric {
namespace {

constexpr auto codes = static_cast<int>(fault_code::internal) + 1;

TEST(FaultCode, IsReadBackFromItsSpelling) {
  std::set<std::string_view> names;
  for (int n = 0; n < codes; ++n) {
    const auto code = static_cast<fault_code>(n);
    EXPECT_EQ(fault_code_named(name_of(code)), code) << name_of(code);
    names.insert(name_of(code));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(codes));
}

TEST(FaultCode, HasTheSpellingThatScriptsKnow) {
  EXPECT_EQ(name_of(fault_code::store_locked), "STORE_LOCKED");
  EXPECT_EQ(name_of(fault_code::timed_out), "TIMED_OUT");
  EXPECT_EQ(exit_status_of(fault_code::usage), 64);
  EXPECT_EQ(exit_status_of(fault_code::internal), 70);
  EXPECT_EQ(exit_status_of(fault_code::cancelled), 130);
  EXPECT_EQ(advice_of(fault_code::busy), retry_advice::later);
  EXPECT_EQ(advice_of(fault_code::timeout_unknown), retry_advice::same_key);
  EXPECT_EQ(advice_of(fault_code::forbidden), retry_advice::never);
}

TEST(FaultCode, ThatANewerPeerKnowsIsInternalHere) {
  EXPECT_EQ(fault_code_named("OUT_OF_MILK"), fault_code::internal);
  EXPECT_EQ(fault_code_named(""), fault_code::internal);
  EXPECT_EQ(fault_code_named("usage"), fault_code::internal);
}

TEST(Fault, IsOneLineWhateverThePeerSent) {
  EXPECT_EQ(to_line({fault_code::busy, "queue is full", "retry later"}),
            "BUSY: queue is full; retry later");
  EXPECT_EQ(to_line({fault_code::usage, "bad flag", ""}), "USAGE: bad flag");
  EXPECT_EQ(to_line({fault_code::usage, "a\nb\x1b[31m\x7f", ""}), "USAGE: a b [31m ");
}

TEST(Result, HoldsAValueOrAFault) {
  result<int> good = 3;
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 3);
  result<int> bad = fault{fault_code::busy, "full", ""};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, fault_code::busy);
  EXPECT_EQ(bad.value_or(7), 7);
  EXPECT_THROW(bad.value(), std::bad_variant_access);
  EXPECT_TRUE(result<void>{});
  EXPECT_FALSE(result<void>{fault{}});
}

}  // namespace
}  // namespace fabric
