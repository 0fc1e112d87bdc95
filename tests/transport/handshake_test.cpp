#include "transport/handshake.hpp"

#include <gtest/gtest.h>

namespace fabric::transport {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t v(std::uint32_t major, std::uint32_t minor) { return major << 16 | minor; }

const head_identity head{{"0.3.0", {v(1, 0), v(2, 4)}, {"logs", "gangs"}}, "c-1", 7};

hello greeting(version_range speaks) {
  hello h;
  h.speaks = speaks;
  h.software = "0.2.0";
  return h;
}

TEST(Handshake, ChoosesTheHighestVersionOfBothAndTheFeaturesOfBoth) {
  hello h = greeting({v(1, 0), v(2, 1)});
  h.features = {"gangs", "new"};
  h.cluster = "c-1";
  h.epoch_seen = 7;
  const auto both = agree(head, h);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->version, v(2, 1));
  EXPECT_EQ(both->features, std::vector<std::string>{"gangs"});
}

TEST(Handshake, SaysWhichSideToUpgradeWhereNoVersionIsShared) {
  const auto old_dialler = agree(head, greeting({v(0, 1), v(0, 9)}));
  ASSERT_FALSE(old_dialler);
  EXPECT_EQ(old_dialler.error().code, fault_code::version);
  EXPECT_EQ(old_dialler.error().detail,
            "the head (fabric 0.3.0) speaks protocol 1.0 to 2.4, the node or client (fabric 0.2.0) "
            "speaks 0.1 to 0.9");
  EXPECT_EQ(old_dialler.error().hint, "upgrade the node or client");
  EXPECT_EQ(agree(head, greeting({v(3, 0), v(3, 0)})).error().hint, "upgrade the head");
}

TEST(Handshake, RefusesAnEmptyRangeOfVersions) {
  EXPECT_EQ(agree(head, greeting({v(2, 0), v(1, 0)})).error().code, fault_code::bad_message);
}

TEST(Handshake, RefusesADiallerOfAnotherClusterOrOneThatSawALaterHead) {
  hello h = greeting({v(1, 0), v(1, 0)});
  EXPECT_TRUE(agree(head, h));
  h.cluster = "c-2";
  EXPECT_EQ(agree(head, h).error().code, fault_code::config);
  h.cluster = "";
  h.epoch_seen = 8;
  EXPECT_EQ(agree(head, h).error().code, fault_code::stale_epoch);
}

TEST(Handshake, IsCheckedByTheDiallerToo) {
  const build_identity ours{"0.2.0", {v(1, 0), v(1, 3)}, {"logs"}};
  welcome good;
  good.version = v(1, 2);
  good.cluster = "c-1";
  good.epoch = 7;
  good.session = session_id{1};
  good.lease = 60s;
  good.heartbeat = 2s;
  good.features = {"logs"};
  EXPECT_TRUE(accept(ours, good, "c-1", 7));
  EXPECT_TRUE(accept(ours, good, "", 0));

  const auto refusal = [&](auto change) {
    welcome bad = good;
    change(bad);
    const auto outcome = accept(ours, bad, "c-1", 7);
    return outcome ? fault_code::internal : outcome.error().code;
  };
  EXPECT_EQ(refusal([](auto& w) { w.version = v(1, 4); }), fault_code::version);
  EXPECT_EQ(refusal([](auto& w) { w.version = v(0, 9); }), fault_code::version);
  EXPECT_EQ(refusal([](auto& w) { w.cluster = "c-2"; }), fault_code::config);
  EXPECT_EQ(refusal([](auto& w) { w.epoch = 6; }), fault_code::stale_epoch);
  EXPECT_EQ(refusal([](auto& w) { w.features = {"gangs"}; }), fault_code::bad_message);
  EXPECT_EQ(refusal([](auto& w) { w.session = {}; }), fault_code::bad_message);
  EXPECT_EQ(refusal([](auto& w) { w.lease = duration{0}; }), fault_code::bad_message);
  EXPECT_EQ(refusal([](auto& w) { w.heartbeat = 61s; }), fault_code::bad_message);
}

TEST(Handshake, SpeaksTheProtocolOfThisBuild) {
  EXPECT_FALSE(this_build().software.empty());
  EXPECT_EQ(this_build().speaks.highest, v(protocol_major, protocol_minor));
}

}  // namespace
}  // namespace fabric::transport
