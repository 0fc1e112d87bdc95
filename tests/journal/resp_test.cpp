#include "actors/journal/resp.hpp"

#include <gtest/gtest.h>

namespace fabric::journal {
namespace {

constexpr std::string_view get_a = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";

request all_of(request_reader& from) {
  auto next = from.next();
  EXPECT_TRUE(next.has_value());
  return next && *next ? **next : request();
}

TEST(RequestReader, ReadsARequestHoweverItIsCut) {
  for (std::size_t cut = 0; cut <= get_a.size(); ++cut) {
    request_reader from;
    from.feed(get_a.substr(0, cut));
    const auto early = from.next();
    ASSERT_TRUE(early.has_value());
    EXPECT_EQ(early->has_value(), cut == get_a.size());
    from.feed(get_a.substr(cut));
    const auto late = all_of(from);
    EXPECT_EQ(late.empty(), cut == get_a.size());
  }
}

TEST(RequestReader, ReadsSeveralInARow) {
  request_reader from;
  from.feed(std::string(get_a) + "*1\r\n$4\r\nPI\r\n\r\n" + std::string(get_a));
  EXPECT_EQ(all_of(from), (request{"GET", "a"}));
  EXPECT_EQ(all_of(from), (request{"PI\r\n"}));
  EXPECT_EQ(all_of(from), (request{"GET", "a"}));
  EXPECT_EQ(all_of(from), request());
  EXPECT_EQ(from.waiting(), 0U);
}

TEST(RequestReader, RefusesWhatIsNoRequestAndStaysRefusing) {
  for (const auto* bytes : {"PING\r\n", "*0\r\n", "*-1\r\n", "*17\r\n", "*1\r\n:3\r\n",
                            "*1\r\n$-1\r\n", "*1\r\n$99999999999\r\n", "*1\r\n$1\r\nabc", "*1x\r\n",
                            "*\r\n", "*111111111111111111111111111"}) {
    request_reader from;
    from.feed(bytes);
    const auto next = from.next();
    ASSERT_FALSE(next.has_value()) << bytes;
    EXPECT_EQ(next.error().code, fault_code::bad_message);
    from.feed(get_a);
    EXPECT_FALSE(from.next().has_value()) << bytes;
    EXPECT_EQ(from.waiting(), 0U) << "nothing is kept of it";
  }
}

TEST(Replies, AreOnOneLineWhereTheyAreWords) {
  EXPECT_EQ(error("ERR a\r\nb"), "-ERR a  b\r\n");
  EXPECT_EQ(simple("OK"), "+OK\r\n");
  EXPECT_EQ(whole_number(-7), ":-7\r\n");
  EXPECT_EQ(bulk("a\r\nb"), "$4\r\na\r\nb\r\n");
}

}  // namespace
}  // namespace fabric::journal
