#include <gtest/gtest.h>

#include <thread>

#include "tests/caf_bridge/cluster.hpp"

/// Much, large, and from many threads.
namespace fabric::actors {
namespace {

constexpr std::size_t mib = 1 << 20;

/// Counts what it is sent, and says how much it was.
caf::behavior counting(caf::stateful_actor<int>* self) {
  return {[self](gate) { return ++self->state; },
          [self](const std::string&) { return ++self->state; },
          [self](caf::get_atom) { return self->state; }};
}

class Pressure : public ::testing::Test {
 protected:
  cluster all;
};

TEST_F(Pressure, BeyondWhatMayWaitFailsRequestsAndDropsTheRest) {
  program here{all, {.waiting_bytes_max = mib}};
  program there{all};
  there.node.publish(there.spawn(counting), "counter");
  const auto seen = here.find("counter");
  const shut_gate shut;  // nothing is read or confirmed any more
  here.self->send(seen, gate{1});
  for (int i = 0; i < 3; ++i) here.self->send(seen, std::string(mib * 2 / 5, 'x'));
  const auto lines = here.complaints.lines();
  ASSERT_EQ(lines.size(), 1U) << "two of three fit";
  EXPECT_NE(lines.front().find("BUSY: more than 1048576 bytes wait for program"), std::string::npos)
      << lines.front();
  EXPECT_EQ(lines.front().find("a message is dropped"), 0U);
  caf::error why;
  here.self->request(seen, caf::infinite, std::string(mib * 2 / 5, 'x'))
      .receive([](int) { FAIL(); }, [&](const caf::error& e) { why = e; });
  EXPECT_EQ(why, caf::sec::unavailable_or_would_block);
  EXPECT_NE(here.system.render(why).find("BUSY"), std::string::npos);
  shut_gate::open();
  EXPECT_EQ(here.ask(seen, caf::get_atom::value), "3") << "what was small enough has waited";
  std::string told;  // there is room again, soon after the answer has shown that all was read
  do told = here.ask(seen, std::string(mib * 2 / 5, 'x'));
  while (told.find("BUSY") != std::string::npos);
  EXPECT_EQ(told, "4");
}

TEST_F(Pressure, OfOneProgramIsNoneForOthers) {
  program here{all, {.waiting_bytes_max = mib}};
  program there{all};
  program third{all};
  there.node.publish(there.spawn(counting), "counter");
  third.node.publish(third.spawn(counting), "another");
  const auto full = here.find("counter");
  const shut_gate shut;
  here.self->send(full, gate{1});
  for (int i = 0; i < 4; ++i) here.self->send(full, std::string(mib / 2, 'x'));
  EXPECT_FALSE(here.complaints.lines().empty());
  EXPECT_EQ(here.ask(here.find("another"), std::string(mib / 2, 'x')), "1");
}

TEST_F(Pressure, OfOneMessageIsTakenAloneHoweverSmallTheBound) {
  program here{all, {.waiting_bytes_max = 1}};
  program there{all};
  there.node.publish(there.spawn(counting), "counter");
  const auto seen = here.find("counter");
  for (int answered = 0; answered < 3;) {  // each as soon as the one before is confirmed
    const auto told = here.ask(seen, std::string(1000, 'x'));
    if (told.find("BUSY") != std::string::npos) continue;
    ASSERT_EQ(told, std::to_string(++answered));
  }
}

TEST_F(Pressure, OfAMessageThatIsTooLargeIsRefused) {
  program here{all};
  program there{all};
  there.node.publish(there.spawn(counting), "counter");
  const auto seen = here.find("counter");
  EXPECT_EQ(here.ask(seen, std::string(48 * mib - 1000, 'x')), "1") << "just small enough";
  caf::error why;
  here.self->request(seen, caf::infinite, std::string(48 * mib, 'x'))
      .receive([](int) { FAIL(); }, [&](const caf::error& e) { why = e; });
  EXPECT_EQ(why, caf::sec::invalid_argument);
  EXPECT_NE(here.system.render(why).find("TOO_LARGE"), std::string::npos);
  here.self->send(seen, std::string(48 * mib, 'x'));
  ASSERT_EQ(here.complaints.lines().size(), 1U);
  EXPECT_NE(here.complaints.lines().front().find("TOO_LARGE"), std::string::npos);
  EXPECT_EQ(here.ask(seen, caf::get_atom::value), "1");
}

TEST_F(Pressure, OfAnAnswerThatIsTooLargeFailsTheRequest) {
  program here{all};
  program there{all};
  there.node.publish(there.spawn([]() -> caf::behavior {
    return {[](int size) { return std::string(static_cast<std::size_t>(size), 'x'); }};
  }),
                     "sizes");
  const auto seen = here.find("sizes");
  caf::error why;
  here.self->request(seen, caf::infinite, static_cast<int>(48 * mib))
      .receive([](const std::string&) { FAIL(); }, [&](const caf::error& e) { why = e; });
  EXPECT_NE(here.system.render(why).find("TOO_LARGE"), std::string::npos)
      << here.system.render(why);
}

TEST_F(Pressure, BeyondWhatMayWaitFailsRequestsWhoseAnswersDoNotFit) {
  program here{all};
  program there{all, {.waiting_bytes_max = mib}};
  using promises = std::vector<caf::response_promise>;
  const auto answers = there.spawn([](caf::stateful_actor<promises>* self) -> caf::behavior {
    return {
        [self](caf::get_atom) { return self->state.emplace_back(self->make_response_promise()); },
        [self](caf::ok_atom) {
          for (auto& one : self->state) one.deliver(std::string(mib * 2 / 5, 'x'));
          return static_cast<int>(self->state.size());
        }};
  });
  there.node.publish(answers, "answers");
  here.node.publish(here.spawn(counting), "counter");
  const auto seen = here.find("answers");
  const auto counter = there.find("counter");
  const auto ask = [&] { return here.self->request(seen, caf::infinite, caf::get_atom::value); };
  std::vector<decltype(ask())> open;
  for (int i = 0; i < 4; ++i) open.push_back(ask());
  here.self->request(seen, caf::infinite, 1.5).receive([] {}, [](const caf::error&) {});
  const shut_gate shut;  // nothing is read or confirmed here any more
  there.self->send(counter, gate{1});
  EXPECT_EQ(there.ask(answers, caf::ok_atom::value), "4");
  shut_gate::open();
  int fitted = 0;
  for (auto& one : open)
    one.receive(
        [&](const std::string&) { ++fitted; },
        [&](const caf::error& why) { EXPECT_EQ(why, caf::sec::unavailable_or_would_block); });
  EXPECT_EQ(fitted, 2);
}

/// Sends its number and 0, 1, 2, ... and ends.
void counting_up(caf::event_based_actor* self, const caf::actor& to, int number, int count) {
  for (int i = 0; i < count; ++i) self->send(to, number, i);
}

TEST_F(Pressure, OfManySendersKeepsTheOrderOfEach) {
  constexpr int senders = 16;
  constexpr int count = 5'000;
  program here{all};
  program there{all};
  struct book {
    std::vector<int> next = std::vector<int>(senders);
    int wrong = 0;
  };
  const auto checks = there.spawn([](caf::stateful_actor<book>* self) -> caf::behavior {
    return {[self](int number, int i) {
              if (self->state.next[static_cast<std::size_t>(number)]++ != i) ++self->state.wrong;
            },
            [self](caf::get_atom) {
              int all = 0;
              for (const int n : self->state.next) all += n;
              return self->state.wrong == 0 ? all : -self->state.wrong;
            }};
  });
  there.node.publish(checks, "checks");
  const auto seen = here.find("checks");
  for (int n = 0; n < senders; ++n)
    if (n % 2 == 0)
      here.system.spawn(counting_up, seen, n, count);
    else
      here.system.spawn<caf::detached>(counting_up, seen, n, count);
  std::string told;
  while (told != std::to_string(senders * count)) {
    told = here.ask(seen, caf::get_atom::value);
    ASSERT_NE(told[0], '-') << told;
    ASSERT_NE(told[0], 'e') << told;
  }
  EXPECT_TRUE(here.complaints.lines().empty());
}

TEST_F(Pressure, OfWhatIsUnderWayIsCarriedOutBeforeItLeaves) {
  program there{all};
  there.node.publish(there.spawn(counting), "counter");
  {
    program here{all};
    const auto seen = here.find("counter");
    for (int i = 0; i < 1000; ++i) here.self->send(seen, std::string(1000, 'x'));
  }
  program after{all};
  EXPECT_EQ(after.ask(after.find("counter"), caf::get_atom::value), "1000");
}

}  // namespace
}  // namespace fabric::actors
