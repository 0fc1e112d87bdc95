#include "transport/channel.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "transport/codec.hpp"

namespace fabric::transport {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> delivered(channel& from, channel& to, instant now) {
  std::vector<std::string> all;
  while (auto frame = from.frame(now)) {
    auto came = to.take(*frame, now);
    EXPECT_TRUE(came) << came.error().detail;
    all.insert(all.end(), came->begin(), came->end());
  }
  return all;
}

TEST(Channel, DeliversInOrder) {
  channel a, b;
  a.send("one");
  a.send("two");
  EXPECT_EQ(delivered(a, b, instant{}), (std::vector<std::string>{"one", "two"}));
}

TEST(Channel, PutsWhatIsQueuedIntoOneFrame) {
  channel a;
  for (int i = 0; i < 100; ++i) a.send("x");
  ASSERT_TRUE(a.frame(instant{}));
  EXPECT_FALSE(a.frame(instant{}));
}

TEST(Channel, SendsAgainWhatIsNotAcknowledgedInTime) {
  channel a, b;
  a.send("one");
  ASSERT_TRUE(a.frame(instant{}));  // lost
  EXPECT_FALSE(a.frame(instant{} + 100ms));
  EXPECT_EQ(delivered(a, b, instant{} + 600ms), std::vector<std::string>{"one"});
}

TEST(Channel, GivesASlowPathTheTimeToCarryWhatIsUnderWay) {
  channel a({.path_bytes_per_second_min = 1000}), b;
  a.send(std::string(2'000, 'x'));
  ASSERT_TRUE(a.frame(instant{}));
  a.send(std::string(1'000, 'x'));
  ASSERT_TRUE(a.frame(instant{} + 100ms));
  EXPECT_FALSE(a.frame(instant{} + 3s));
  EXPECT_EQ(a.resends(), 0U);
  EXPECT_EQ(delivered(a, b, instant{} + 4s).size(), 2U) << "both were lost";
  delivered(b, a, instant{} + 5s);
  a.send("small");
  ASSERT_TRUE(a.frame(instant{} + 6s));
  EXPECT_EQ(delivered(a, b, instant{} + 7s).size(), 1U) << "what is small is due again soon";
}

TEST(Channel, SendsAgainAtOnceWhenThePathWasRenewed) {
  channel a, b;
  a.send("one");
  ASSERT_TRUE(a.frame(instant{}));  // lost
  a.path_renewed(instant{} + 1ms);
  EXPECT_EQ(delivered(a, b, instant{} + 1ms), std::vector<std::string>{"one"});
}

TEST(Channel, DeliversWhatComesTwiceOnce) {
  channel a, b;
  a.send("one");
  const auto frame = a.frame(instant{});
  EXPECT_EQ(b.take(*frame, instant{})->size(), 1U);
  EXPECT_EQ(b.take(*frame, instant{})->size(), 0U);
}

TEST(Channel, ForgetsWhatIsAcknowledged) {
  channel a, b;
  a.send("one");
  delivered(a, b, instant{});
  EXPECT_EQ(a.waiting_bytes(), 3U);
  delivered(b, a, instant{} + 25ms);
  EXPECT_EQ(a.waiting_bytes(), 0U);
  EXPECT_TRUE(a.is_idle());
}

TEST(Channel, HoldsBackWhatIsTooMuchToBeUnderWay) {
  channel a({.frame_bytes_max = 10, .in_flight_max = 20}), b;
  for (int i = 0; i < 10; ++i) a.send(std::string(10, 'x'));
  EXPECT_EQ(delivered(a, b, instant{}).size(), 2U);
  delivered(b, a, instant{} + 25ms);
  EXPECT_EQ(delivered(a, b, instant{} + 30ms).size(), 2U);
}

TEST(Channel, PassesAMessageThatIsLargerThanAFrame) {
  channel a({.frame_bytes_max = 10, .in_flight_max = 20}), b;
  a.send(std::string(1000, 'x'));
  a.send("y");
  EXPECT_EQ(delivered(a, b, instant{}).size(), 1U);
}

TEST(Channel, RefusesBytesThatAreNoFrame) {
  channel a;
  EXPECT_FALSE(a.take("nonsense", instant{}));
}

TEST(Channel, RefusesAnAcknowledgementOfWhatWasNeverSent) {
  channel a;
  EXPECT_FALSE(a.take(encode(program::channel_frame{.acknowledged = 1}), instant{}));
}

/// Two ends over a path that loses, repeats, delays and reorders frames.
class bad_path {
 public:
  explicit bad_path(std::uint64_t seed) : chance_(seed) {}

  void run(int messages) {
    for (int sent = 0, steps = 0; steps < 100'000; ++steps) {
      if (sent < messages && draw(3) == 0) {
        a_.send("a" + std::to_string(sent));
        b_.send("b" + std::to_string(sent++));
      }
      if (draw(50) == 0) a_.path_renewed(now_);
      emit(a_, 0);
      emit(b_, 1);
      arrive();
      if (sent == messages && a_.is_idle() && b_.is_idle() && under_way_.empty()) break;
      now_ += 7ms;
    }
  }

  std::vector<std::string> at_b, at_a;

 private:
  std::uint64_t draw(std::uint64_t n) { return chance_() % n; }

  void emit(channel& from, int side) {
    while (auto frame = from.frame(now_)) {
      const auto copies = std::array{0, 1, 1, 1, 2}.at(draw(5));
      for (int i = 0; i < copies; ++i)
        under_way_.emplace(now_ + std::chrono::milliseconds{draw(300)}, std::pair{side, *frame});
    }
  }

  void arrive() {
    while (!under_way_.empty() && under_way_.begin()->first <= now_) {
      auto [side, frame] = under_way_.begin()->second;
      under_way_.erase(under_way_.begin());
      auto came = (side == 0 ? b_ : a_).take(frame, now_);
      ASSERT_TRUE(came);
      auto& into = side == 0 ? at_b : at_a;
      into.insert(into.end(), came->begin(), came->end());
    }
  }

  std::mt19937_64 chance_;
  channel a_{{.frame_bytes_max = 64, .in_flight_max = 256}};
  channel b_{{.frame_bytes_max = 64, .in_flight_max = 256}};
  instant now_{};
  std::multimap<instant, std::pair<int, std::string>> under_way_;
};

TEST(Channel, DeliversEverythingOnceAndInOrderOverABadPath) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    bad_path path(seed);
    path.run(50);
    ASSERT_EQ(path.at_b.size(), 50U) << "seed " << seed;
    ASSERT_EQ(path.at_a.size(), 50U) << "seed " << seed;
    for (int i = 0; i < 50; ++i) ASSERT_EQ(path.at_b[i], "a" + std::to_string(i)) << seed;
  }
}

}  // namespace
}  // namespace fabric::transport
