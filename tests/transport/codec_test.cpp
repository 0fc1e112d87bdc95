#include "transport/codec.hpp"

#include <gtest/gtest.h>

#include <span>

#include "tests/transport/samples.hpp"
#include "transport/codec_fields.hpp"

namespace fabric::transport {
namespace {

std::span<const std::byte> bytes_of(std::string_view s) { return std::as_bytes(std::span{s}); }

std::string frame_of(const message& m, header head = samples::a_header()) {
  std::string frame;
  append(frame, head, m);
  return frame;
}

message only_message(std::string_view frame) {
  auto all = decode(bytes_of(frame));
  if (!all) ADD_FAILURE() << to_line(all.error());
  return all && all->size() == 1 ? std::get<envelope>(all->front()).body : message{};
}

TEST(Codec, GivesBackEveryMessageWithItsHeader) {
  for (const message& m : samples::every_message()) {
    const auto all = decode(bytes_of(frame_of(m)));
    ASSERT_TRUE(all) << name_of_type(type_of(m)) << ": " << to_line(all.error());
    ASSERT_EQ(all->size(), 1U);
    header expected = samples::a_header();
    expected.type = type_of(m);
    EXPECT_EQ(std::get<envelope>(all->front()).head, expected);
    EXPECT_EQ(std::get<envelope>(all->front()).body, m) << name_of_type(type_of(m));
  }
}

TEST(Codec, HasASampleAndANameForEveryMessage) {
  const auto all = samples::every_message();
  ASSERT_EQ(all.size(), std::variant_size_v<message>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].index(), i);
    EXPECT_EQ(type_of(all[i]), i + 1);
    EXPECT_NE(name_of_type(type_of(all[i])), "unknown");
  }
  EXPECT_EQ(name_of_type(0), "unknown");
  EXPECT_EQ(name_of_type(static_cast<std::uint16_t>(all.size() + 1)), "unknown");
  EXPECT_EQ(name_of_type(11), "grant");
}

TEST(Codec, SpendsTwoPairsOfBytesOnAMessageOfDefaults) {
  for (const message& m : samples::every_empty_message()) {
    const std::string frame = frame_of(m, header{});
    EXPECT_EQ(frame.size(), 4U) << name_of_type(type_of(m));
    EXPECT_EQ(only_message(frame), m);
  }
}

TEST(Codec, WritesAZeroWhereTheDefaultIsSomethingElse) {
  submit job;
  job.count = 0;
  job.poison_after = 0;
  job.backoff_first = duration{0};
  EXPECT_EQ(only_message(frame_of(job)), message{job});
}

TEST(Codec, ReadsManyMessagesOfOneFrameInOrder) {
  std::string frame;
  for (std::uint32_t i = 0; i < 1000; ++i) append(frame, header{}, started{{{job_id{i}, i}, 1}});
  const auto all = decode(bytes_of(frame));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1000U);
  for (std::uint32_t i = 0; i < 1000; ++i)
    EXPECT_EQ(std::get<started>(std::get<envelope>((*all)[i]).body).id.task.index, i);
}

TEST(Codec, KeepsTheEndsOfEveryRange) {
  revoke r;
  r.id = {{job_id{~0ULL}, ~0U}, ~0U};
  r.because = 255;
  EXPECT_EQ(only_message(frame_of(r)), message{r});
  submit job;
  for (const std::int32_t priority :
       {std::numeric_limits<std::int32_t>::min(), -32769, -129, -33, -1, 127, 128, 65536,
        std::numeric_limits<std::int32_t>::max()}) {
    job.priority = priority;
    EXPECT_EQ(only_message(frame_of(job)), message{job}) << priority;
  }
  EXPECT_EQ(only_message(frame_of(heartbeat{never})), message{heartbeat{never}});
}

TEST(Codec, GivesBackCommandsReportsAndWhatTheSpawnerSays) {
  const auto work = decode_command_work(encode(samples::a_command()));
  ASSERT_TRUE(work) << to_line(work.error());
  EXPECT_EQ(*work, samples::a_command());
  const auto report = decode_task_report(encode(samples::a_report()));
  ASSERT_TRUE(report) << to_line(report.error());
  EXPECT_EQ(*report, samples::a_report());
  for (const auto& m : samples::every_spawner_message()) {
    const auto back = decode_spawner_message(bytes_of(encode(m)));
    ASSERT_TRUE(back) << to_line(back.error());
    EXPECT_EQ(*back, m);
  }
}

TEST(Codec, TakesAFaultCodeThatItDoesNotKnowForInternal) {
  std::string frame = frame_of(failed{request_id{1}, {fault_code::busy, "d", "h"}});
  const auto at = frame.find("BUSY");
  ASSERT_NE(at, std::string::npos);
  frame.replace(at, 4, "FUZY");
  EXPECT_EQ(std::get<failed>(only_message(frame)).why.code, fault_code::internal);
}

TEST(Codec, SortsTheConditionsOfADemand) {
  grant g;
  g.needs.where = {{"zone", label_condition::relation::equals, "b"},
                   {"area", label_condition::relation::equals, "a"}};
  const auto back = std::get<grant>(only_message(frame_of(g))).needs.where;
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].key, "area");
}

/// One pass over the description finds every field only where numbers ascend.
template <class T>
void expect_ascending_fields() {
  T m{};
  int last = 0;
  codec::each_field(m, [&](int number, auto&, auto...) {
    EXPECT_GT(number, last) << __PRETTY_FUNCTION__;
    last = number;
  });
}

template <class... Ts>
void expect_ascending_fields_of(std::variant<Ts...>) {
  (expect_ascending_fields<Ts>(), ...);
}

TEST(Codec, DescribesFieldsInTheOrderOfTheirNumbers) {
  expect_ascending_fields_of(message{});
  expect_ascending_fields_of(spawner::message{});
  expect_ascending_fields<header>();
  expect_ascending_fields<node_description>();
  expect_ascending_fields<command_work>();
  expect_ascending_fields<task_report>();
}

}  // namespace
}  // namespace fabric::transport
