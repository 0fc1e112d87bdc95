#include "actors/dashboard/gate.hpp"

#include <gtest/gtest.h>

namespace fabric::dashboard {
namespace {

constexpr instant gate_made{std::chrono::hours{1}};
const std::string token(64, 'a');
const std::string wrong(64, 'b');

gate a_gate() { return gate{{.token = token, .cookie = "fabric_1", .hosts = host_list{}}}; }

request a_request() {
  return {.method = "GET",
          .path = "/api/status",
          .hosts = {"127.0.0.1:8265"},
          .remote = "127.0.0.1",
          .local = "127.0.0.1"};
}

request with_bearer(const std::string& word) {
  auto made = a_request();
  made.authorization = "Bearer " + word;
  return made;
}

verdict judged(gate& by, const request& what) { return by.judge(what, gate_made).is; }

TEST(Gate, LetsBearerAndCookiePass) {
  auto gate = a_gate();
  EXPECT_EQ(judged(gate, with_bearer(token)), verdict::pass);
  auto what = a_request();
  what.cookies = "other=1; fabric_1=" + token;
  EXPECT_EQ(judged(gate, what), verdict::pass);
}

TEST(Gate, RefusesARequestWithoutAToken) {
  auto gate = a_gate();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(judged(gate, a_request()), verdict::no_token);
}

TEST(Gate, TakesTheTokenOfALinkAtTheRootOnly) {
  auto gate = a_gate();
  auto what = a_request();
  what.query["token"] = token;
  EXPECT_EQ(judged(gate, what), verdict::no_token);
  what.path = "/";
  EXPECT_EQ(judged(gate, what), verdict::login);
}

TEST(Gate, JudgesALinkByItsTokenEvenBesideAGoodCookie) {
  auto gate = a_gate();
  auto what = with_bearer(token);
  what.path = "/";
  what.query["token"] = wrong;
  EXPECT_EQ(judged(gate, what), verdict::wrong_token);
}

TEST(Gate, SaysTooManyAfterTenWrongTokensOfAnAddress) {
  auto gate = a_gate();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(judged(gate, with_bearer(wrong)), verdict::wrong_token);
  EXPECT_EQ(judged(gate, with_bearer(wrong)), verdict::too_many);
  auto other = with_bearer(wrong);
  other.remote = "10.8.0.2";
  EXPECT_EQ(judged(gate, other), verdict::wrong_token);
  EXPECT_EQ(gate.judge(with_bearer(wrong), gate_made + std::chrono::minutes{1}).is,
            verdict::wrong_token);
}

TEST(Gate, CannotBeUsedToLockTheOwnerOut) {
  auto gate = a_gate();
  for (int i = 0; i < 20; ++i) judged(gate, with_bearer(wrong));
  EXPECT_EQ(judged(gate, with_bearer(token)), verdict::pass);
}

TEST(Gate, RefusesAStrangersNameWhateverTheMethodOrToken) {
  auto gate = a_gate();
  for (const auto* method : {"GET", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD"}) {
    auto what = with_bearer(token);
    what.method = method;
    what.hosts = {"evil.example"};
    EXPECT_EQ(judged(gate, what), verdict::wrong_host) << method;
  }
}

TEST(Gate, RefusesNoHostAndTwoHosts) {
  auto gate = a_gate();
  auto what = with_bearer(token);
  what.hosts = {};
  EXPECT_EQ(judged(gate, what), verdict::wrong_host);
  what.hosts = {"127.0.0.1", "evil.example"};
  EXPECT_EQ(judged(gate, what), verdict::wrong_host);
}

TEST(Gate, AllowsNoMethodButGet) {
  auto gate = a_gate();
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "get"}) {
    auto what = with_bearer(token);
    what.method = method;
    EXPECT_EQ(judged(gate, what), verdict::wrong_method) << method;
  }
}

TEST(Gate, AsksForTenAuditLinesAMinuteAtMost) {
  auto gate = a_gate();
  auto what = with_bearer(token);
  what.hosts = {"evil.example"};
  int lines = 0;
  for (int i = 0; i < 100; ++i) lines += gate.judge(what, gate_made).audit ? 1 : 0;
  EXPECT_EQ(lines, 10);
}

}  // namespace
}  // namespace fabric::dashboard
