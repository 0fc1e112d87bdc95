#include <gtest/gtest.h>

#include <random>
#include <span>

#include "tests/transport/samples.hpp"
#include "transport/codec.hpp"

namespace fabric::transport {
namespace {

using namespace std::string_literals;

auto decode_text(std::string_view s) { return decode(std::as_bytes(std::span{s})); }

/// {2: type}, then `body`.
std::string with_body(char type, const std::string& body) { return "\x81\x02"s + type + body; }

constexpr char heartbeat_type = 9;
constexpr char started_type = 12;
constexpr char report_type = 15;
constexpr char ask_type = 23;
constexpr char grant_type = 11;
constexpr char hello_type = 1;

void expect_refused(const std::string& frame, std::string_view because) {
  const auto all = decode_text(frame);
  ASSERT_FALSE(all) << because;
  EXPECT_EQ(all.error().code, fault_code::bad_message);
  EXPECT_NE(all.error().detail.find(because), std::string::npos) << to_line(all.error());
}

TEST(HostileBytes, OfWhichAnythingIsMissingAreRefused) {
  for (const message& m : samples::every_message()) {
    std::string frame;
    append(frame, samples::a_header(), m);
    for (std::size_t n = 0; n < frame.size(); ++n)
      ASSERT_FALSE(decode_text(std::string_view(frame).substr(0, n)))
          << name_of_type(type_of(m)) << " cut to " << n;
  }
}

TEST(HostileBytes, WithRandomChangesAreRefusedOrReadButNeverCrash) {
  std::mt19937_64 random(20240611);
  int refusals = 0;
  for (int round = 0; round < 400; ++round)
    for (const message& m : samples::every_message()) {
      std::string frame;
      append(frame, samples::a_header(), m);
      for (auto flips = random() % 4 + 1; flips > 0; --flips)
        frame[random() % frame.size()] ^= static_cast<char>(1U << (random() % 8));
      const auto all = decode_text(frame);
      if (!all) {
        ++refusals;
        continue;
      }
      for (const auto& one : *all) {
        const auto* read = std::get_if<envelope>(&one);
        if (read == nullptr) continue;
        std::string again;
        append(again, read->head, read->body);
        const auto back = decode_text(again);
        ASSERT_TRUE(back) << to_line(back.error());
        EXPECT_EQ(std::get<envelope>(back->front()), *read);
      }
    }
  EXPECT_GT(refusals, 1000);
}

TEST(HostileBytes, BehindTheLastMessageAreRefused) {
  std::string frame = with_body(heartbeat_type, "\x80");
  ASSERT_TRUE(decode_text(frame));
  expect_refused(frame + "\xc0", "a map is expected");
  expect_refused(frame + "\xc1", "begins no value");
  EXPECT_FALSE(decode_task_report("\x80\x80"));
}

TEST(HostileBytes, WithAFieldTwiceOrOutOfOrderAreRefused) {
  expect_refused(with_body(ask_type, "\x82\x01\x05\x01\x06"), "do not ascend");
  expect_refused(with_body(ask_type, "\x82\x02\xa1x\x01\x06"), "do not ascend");
  expect_refused(with_body(ask_type, "\x82\x70\xc0\x70\xc0"), "do not ascend");
  expect_refused(with_body(ask_type, "\x81\xa1x\x01"), "a field number is expected");
  expect_refused(with_body(ask_type, "\x81\xff\x01"), "a field number is expected");
}

TEST(HostileBytes, OfTheWrongTypeAreRefused) {
  expect_refused(with_body(ask_type, "\x81\x01\xa1x"), "a number that is not negative");
  expect_refused(with_body(ask_type, "\x81\x01\xff"), "a number that is not negative");
  expect_refused(with_body(ask_type, "\x81\x01\xcb\x40\x45\x00\x00\x00\x00\x00\x00"s),
                 "a number that is not negative");
  expect_refused(with_body(ask_type, "\x81\x02\x05"), "a string is expected");
  expect_refused(with_body(ask_type, "\x90"), "a map is expected");
  expect_refused(with_body(started_type, "\x81\x01\x92\x01\x02"), "wrong number of elements");
  expect_refused(with_body(started_type, "\x81\x01\x01"), "an array is expected");
  expect_refused("\x81\x02\xa1x\x80", "a number that is not negative");
  expect_refused("\x80\x80", "names no message type");
}

TEST(HostileBytes, WithNumbersOutsideAFieldsRangeAreRefused) {
  expect_refused(with_body(report_type, "\x81\x02\xcd\x01\x00"s), "too large");
  expect_refused(
      with_body(started_type, "\x81\x01\x93\x01\xcf\x00\x00\x00\x01\x00\x00\x00\x00\x01"s),
      "too large");
  expect_refused(with_body(heartbeat_type, "\x81\x01\xff"), "an instant is out of range");
  expect_refused(with_body(heartbeat_type, "\x81\x01\xcf\x7f\xff\xff\xff\xff\xff\xff\xfe"),
                 "an instant is out of range");
  expect_refused(with_body(heartbeat_type, "\x81\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
                 "too large");
  expect_refused(with_body(grant_type, "\x81\x08\xff"), "a duration is out of range");
}

TEST(HostileBytes, WithImpossibleResourcesAreRefused) {
  const auto amounts = [](const std::string& map) {
    return with_body(grant_type, "\x81\x05\x81\x01" + map);
  };
  ASSERT_TRUE(
      decode_text(amounts("\x81\xa3"
                          "cpu\x05")));
  expect_refused(amounts("\x81\xa3"
                         "cpu\xff"),
                 "an amount is out of range");
  expect_refused(amounts("\x81\xa3"
                         "cpu\x00"s),
                 "no amount");
  expect_refused(amounts("\x81\xa3"
                         "cpu\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"s),
                 "a number is expected");
  expect_refused(amounts("\x81\xa3"
                         "CPU\x05"),
                 "misspelt");
  expect_refused(amounts("\x82\xa3"
                         "cpu\x05\xa3"
                         "cpu\x05"),
                 "do not ascend");
  // A node with a GPU that has no id.
  expect_refused(with_body(hello_type, "\x81\x06\x81\x05\x81\x01\x81\xa3gpu\xcd\x03\xe8"),
                 "as many GPU ids");
}

TEST(HostileBytes, ThatClaimToBeHugeCostNothing) {
  expect_refused(with_body(ask_type, "\xdf\xff\xff\xff\xff"), "too many elements");
  expect_refused(with_body(ask_type, "\xdd\xff\xff\xff\xff"), "too many elements");
  expect_refused(with_body(ask_type, "\xc6\xff\xff\xff\xff"), "ends too early");
  expect_refused(with_body(ask_type, "\xdb\xff\xff\xff\xff"), "ends too early");
  expect_refused(with_body(ask_type, "\xc9\xff\xff\xff\xff\x01"), "");
}

TEST(HostileBytes, WithTooManyElementsOrMessagesAreRefused) {
  const auto array_of = [](std::uint32_t n) {
    std::string s = "\x81\x7f\xdd";
    for (int shift = 24; shift >= 0; shift -= 8) s += static_cast<char>(n >> shift);
    return with_body(ask_type, s + std::string(n, '\x01'));
  };
  EXPECT_TRUE(decode_text(array_of(elements_max)));
  expect_refused(array_of(elements_max + 1), "too many elements");
  // Many arrays that are each within the limit.
  const std::string inner = array_of(elements_max).substr(5);
  expect_refused(with_body(
                     ask_type, "\x81\x7f\x9f" +
                                   [&] {
                                     std::string s;
                                     for (int i = 0; i < 15; ++i) s += inner;
                                     return s;
                                   }()),
                 "too many values");
  std::string frame;
  for (std::size_t i = 0; i < messages_per_frame_max; ++i)
    frame += with_body(heartbeat_type, "\x80");
  EXPECT_TRUE(decode_text(frame));
  expect_refused(frame + with_body(heartbeat_type, "\x80"), "too many messages");
  expect_refused("", "empty");
}

TEST(HostileBytes, ThatNestTooDeeplyAreRefused) {
  const auto nested = [](std::size_t depth) {
    return with_body(ask_type, "\x81\x7f" + std::string(depth - 2, '\x91') + "\x90");
  };
  EXPECT_TRUE(decode_text(nested(depth_max)));
  expect_refused(nested(depth_max + 1), "nested too deeply");
  expect_refused(with_body(ask_type, std::string(1'000'000, '\x91')), "nested too deeply");
}

TEST(HostileBytes, OfAnExtensionTypeAreRefusedEvenInUnknownFields) {
  expect_refused(with_body(ask_type, "\x81\x7f\xd4\x01\x01"), "an extension type");
  expect_refused(with_body('\x7f', "\x81\x01\xc7\x01\x01\x01"), "an extension type");
}

TEST(HostileBytes, ThatAreNoUtf8AreRefusedInNamesAndKeptInPayloads) {
  for (const auto& bad : {"\xff"s, "\xc0\x80"s, "\xe0\x80\x80"s, "\xed\xa0\x80"s,
                          "\xf4\x90\x80\x80"s, "\xc3"s, "\x80"s, "\xf8\x88\x80\x80\x80"s}) {
    ask a;
    a.topic = bad;
    std::string frame;
    append(frame, {}, a);
    expect_refused(frame, "not UTF-8");
    report r;
    r.body = bad;
    frame.clear();
    append(frame, {}, r);
    const auto all = decode_text(frame);
    ASSERT_TRUE(all);
    EXPECT_EQ(std::get<envelope>(all->front()).body, message{r});
  }
  ask long_name;
  long_name.topic = std::string((64 << 10) + 1, 'a');
  std::string frame;
  append(frame, {}, long_name);
  expect_refused(frame, "too long");
}

TEST(LaterMinorVersion, MayAddFieldsThatAreSkipped) {
  // {1: request 5, 2: topic, 3: arguments, 70: {1: [1.5, nil]}, 71: "new"}
  const auto all = decode_text("\x83\x01\xce\x00\x01\x00\x07\x02\x17\x50\x91\xc3"s +
                               "\x85\x01\x05\x02\xa1t\x03\xc4\x01"
                               "a\x46\x81\x01\x92\xcb\x3f\xf8\x00\x00"
                               "\x00\x00\x00\x00\xc0\x47\xa3new"s);
  ASSERT_TRUE(all) << to_line(all.error());
  const auto& read = std::get<envelope>(all->front());
  EXPECT_EQ(read.head.version, 0x10007U);
  EXPECT_EQ(read.body, (message{ask{request_id{5}, "t", "a"}}));
}

TEST(LaterMinorVersion, MayAddMessagesThatAreToldAsUnknown) {
  const std::string frame =
      "\x83\x02\xcd\x01\x00\x04\x09\x06\xc3"s + "\x81\x01\xa1x" + with_body(heartbeat_type, "\x80");
  const auto all = decode_text(frame);
  ASSERT_TRUE(all) << to_line(all.error());
  ASSERT_EQ(all->size(), 2U);
  const auto& unknown = std::get<unknown_message>(all->front());
  EXPECT_EQ(unknown.head.type, 256);
  EXPECT_EQ(unknown.head.sequence, 9U);
  EXPECT_TRUE(unknown.head.must_understand);
  EXPECT_TRUE(std::holds_alternative<envelope>(all->back()));
}

TEST(OtherMajorVersion, IsUnderstoodInHelloAndRefusedOnly) {
  header head;
  head.version = 2 << 16;
  for (const message& m : samples::every_message()) {
    std::string frame;
    append(frame, head, m);
    const auto all = decode_text(frame);
    if (std::holds_alternative<hello>(m) || std::holds_alternative<refused>(m)) {
      ASSERT_TRUE(all);
      EXPECT_EQ(std::get<envelope>(all->front()).body, m);
    } else {
      ASSERT_FALSE(all);
      EXPECT_EQ(all.error().code, fault_code::version);
    }
  }
}

}  // namespace
}  // namespace fabric::transport
