#include <gtest/gtest.h>

#include "actors/head.hpp"
#include "actors/runtime.hpp"
#include "tests/transport/free_spirit.hpp"
#include "tests/transport/loop_fixture.hpp"
#include "transport/handshake.hpp"
#include "transport/work.hpp"

/// A real head in this process, and peers whose keys have each role: what a key may say is decided
/// by the role that the head stored for it, whatever the messages claim.
namespace fabric::actors {
namespace {

using transport::message;
using transport::role;

class Roles : public ::testing::Test {
 protected:
  /// One peer with a loop of its own; `next` are the head's words in order.
  class peer {
   public:
    peer(const Roles& at, const transport::key_pair& keys)
        : loop_(transport::start_loop(told_)),
          connection_(loop_->dial({at.head_->endpoint(), at.server_.public_key, keys})) {
      // Only its end tells that a peer is not let in.
      told_.wait([this](const auto& told) {
        for (const auto& e : told) {
          opened_ = opened_ || std::holds_alternative<transport::link_event::opened>(e);
          if (opened_ || std::holds_alternative<transport::link_event::closed>(e)) return true;
        }
        return false;
      });
    }
    [[nodiscard]] bool is_let_in() const { return opened_; }

    void say(const message& what) {
      transport::header head{.session = session_};
      ASSERT_TRUE(loop_->send(connection_, head, what));
    }
    message next() {
      auto all = told_.messages_from(connection_, heard_ + 1);
      if (all.size() <= heard_) return transport::goodbye{};
      return all[heard_++];
    }
    /// HELLO, and the head's answer to it.
    message greet(const transport::hello& hello) {
      say(hello);
      auto answer = next();
      if (const auto* terms = std::get_if<transport::welcome>(&answer)) session_ = terms->session;
      return answer;
    }
    void be_welcome(const transport::hello& hello) {
      ASSERT_TRUE(std::holds_alternative<transport::welcome>(greet(hello)));
    }
    std::optional<fault> end() { return told_.end_of(connection_); }

   private:
    transport::recorder told_;
    std::unique_ptr<transport::poll_loop> loop_;
    transport::connection_id connection_;
    bool opened_ = false;
    session_id session_;
    std::size_t heard_ = 0;
  };

  void SetUp() override {
    auto process = runtime::start(2);
    ASSERT_TRUE(process) << to_line(process.error());
    process_ = std::move(*process);
    head_options how{.server = server_, .self_test = false, .give_up = [](const fault&) {}};
    for (const auto& [as, keys] : keys_)
      how.admitted.push_back({keys.public_key, as, std::string(transport::name_of(as)), 0, false});
    auto made = head::start(*process_, std::move(how));
    ASSERT_TRUE(made) << to_line(made.error());
    head_ = std::move(*made);
  }

  std::unique_ptr<peer> as(role r) { return std::make_unique<peer>(*this, keys_.at(r)); }

  static transport::hello as_client() {
    const auto build = transport::this_build();
    return {.speaks = build.speaks, .software = build.software};
  }
  static transport::hello as_node() {
    auto hello = as_client();
    hello.node = transport::node_description{
        .name = "n1", .host = "n1", .incarnation = incarnation_id{1}, .boot_id = "boot"};
    return hello;
  }
  static transport::submit a_job(std::uint64_t request = 1) {
    return {.request = request_id{request}, .payload = "p"};
  }

  static void expect_forbidden(const message& answer) {
    const fault* why = nullptr;
    if (const auto* no = std::get_if<transport::nack>(&answer)) why = &no->why;
    if (const auto* no = std::get_if<transport::refused>(&answer)) why = &no->why;
    ASSERT_NE(why, nullptr) << "the answer has index " << answer.index();
    EXPECT_EQ(why->code, fault_code::forbidden) << to_line(*why);
  }

  std::map<role, transport::key_pair> keys_{{role::worker, transport::make_key_pair()},
                                            {role::client, transport::make_key_pair()},
                                            {role::observer, transport::make_key_pair()},
                                            {role::joiner, transport::make_key_pair()}};
  transport::key_pair server_ = transport::make_key_pair();
  std::unique_ptr<runtime> process_;
  std::unique_ptr<head> head_;
};

TEST_F(Roles, AStrangerIsNotLetIn) {
  peer stranger(*this, transport::make_key_pair());
  EXPECT_FALSE(stranger.is_let_in());
  ASSERT_TRUE(stranger.end());
  EXPECT_EQ(stranger.end()->code, fault_code::auth_failed);
}

TEST_F(Roles, AClientSubmitsAndAsks) {
  auto client = as(role::client);
  client->be_welcome(as_client());
  client->say(a_job());
  EXPECT_TRUE(std::holds_alternative<transport::submitted>(client->next()));
}

TEST_F(Roles, AClientCannotRegisterANode) { expect_forbidden(as(role::client)->greet(as_node())); }

TEST_F(Roles, AWorkerCannotComeAsAClient) {
  expect_forbidden(as(role::worker)->greet(as_client()));
}

TEST_F(Roles, AWorkerCannotSubmitOrAsk) {
  auto worker = as(role::worker);
  worker->be_welcome(as_node());
  worker->say(a_job());
  expect_forbidden(worker->next());
  worker->say(transport::ask{request_id{2}, "status", ""});
  expect_forbidden(worker->next());
}

TEST_F(Roles, AClientCannotReportForANode) {
  auto client = as(role::client);
  client->be_welcome(as_client());
  client->say(transport::report{attempt_id{{job_id{1}, 0}, 1}, 0, ""});
  expect_forbidden(client->next());
}

TEST_F(Roles, AnObserverReadsAndChangesNothing) {
  auto observer = as(role::observer);
  observer->be_welcome(as_client());
  observer->say(transport::ask{request_id{1}, "ping", ""});
  EXPECT_TRUE(std::holds_alternative<transport::answer>(observer->next()));
  observer->say(a_job(2));
  auto refusal = observer->next();
  expect_forbidden(refusal);
  EXPECT_EQ(std::get<transport::nack>(refusal).id, 2U) << "the caller must know what was refused";
  for (const char* order : {"cancel", "drain", "forget"}) {
    observer->say(transport::ask{request_id{3}, order, "{}"});
    expect_forbidden(observer->next());
  }
}

TEST_F(Roles, ANoteOfATaskReachesWhoWatchesItsJobAndTheAnswerTheTask) {
  auto node = as(role::worker);
  node->be_welcome(as_node());
  auto client = as(role::client);
  client->be_welcome(as_client());
  auto job = a_job();
  job.watch = true;
  client->say(job);
  ASSERT_TRUE(std::holds_alternative<transport::submitted>(client->next()));
  auto granted = node->next();
  const auto* grant = std::get_if<transport::grant>(&granted);
  ASSERT_NE(grant, nullptr) << granted.index();
  node->say(transport::note{.number = 5, .id = grant->id, .body = "{\"step\":1}"});
  auto heard = client->next();
  const auto* note = std::get_if<transport::note>(&heard);
  ASSERT_NE(note, nullptr) << heard.index();
  EXPECT_EQ(note->body, "{\"step\":1}");
  client->say(transport::note_answer{
      .request = request_id{9}, .number = 5, .id = note->id, .body = "{}", .to = note->from});
  EXPECT_TRUE(std::holds_alternative<transport::answer>(client->next()));
  auto told = node->next();
  const auto* answer = std::get_if<transport::note_answer>(&told);
  ASSERT_NE(answer, nullptr) << told.index();
  EXPECT_EQ(answer->number, 5U);
  EXPECT_EQ(answer->body, "{}");
}

TEST_F(Roles, ANoteOfATaskThatDoesNotRunIsAnsweredByTheHead) {
  auto node = as(role::worker);
  node->be_welcome(as_node());
  node->say(transport::note{.number = 5, .id = {{job_id{1}, 0}, 1}, .body = "{}"});
  auto told = node->next();
  const auto* answer = std::get_if<transport::note_answer>(&told);
  ASSERT_NE(answer, nullptr) << told.index();
  EXPECT_EQ(answer->number, 5U);
  EXPECT_NE(answer->body.find("STALE_ATTEMPT"), std::string::npos) << answer->body;
}

TEST_F(Roles, OnlyAClientThatWatchesAJobAnswersItsTasks) {
  auto client = as(role::client);
  client->be_welcome(as_client());
  client->say(a_job());
  const auto job = std::get<transport::submitted>(client->next()).job;
  const transport::note_answer answer{
      .request = request_id{9}, .number = 5, .id = {{job, 0}, 1}, .body = "{}"};
  client->say(answer);
  auto refusal = client->next();
  const auto* failed = std::get_if<transport::failed>(&refusal);
  ASSERT_NE(failed, nullptr) << refusal.index();
  EXPECT_EQ(failed->why.code, fault_code::forbidden);
  auto observer = as(role::observer);
  observer->be_welcome(as_client());
  observer->say(answer);
  expect_forbidden(observer->next());
}

TEST_F(Roles, AJoinerJoinsAndNothingElse) {
  auto joiner = as(role::joiner);
  expect_forbidden(joiner->greet(as_client()));
  expect_forbidden(joiner->greet(as_node()));
  const auto fresh = transport::make_key_pair();
  joiner->say(transport::join{fresh.public_key, "n9", "0.1.0"});
  auto answer = joiner->next();
  ASSERT_TRUE(std::holds_alternative<transport::joined>(answer));
  EXPECT_EQ(std::get<transport::joined>(answer).node, transport::id_of_key(fresh.public_key));
  EXPECT_TRUE(peer(*this, fresh).is_let_in());
}

TEST_F(Roles, OnlyAJoinerAdmitsKeys) {
  for (role r : {role::client, role::worker, role::observer}) {
    auto other = as(r);
    other->say(transport::join{transport::make_key_pair().public_key, "n9", "0.1.0"});
    expect_forbidden(other->next());
  }
}

TEST_F(Roles, WhatIsSaidBeforeHelloIsNotHeard) {
  auto client = as(role::client);
  client->say(a_job());
  EXPECT_TRUE(std::holds_alternative<transport::unknown_session>(client->next()));
}

TEST_F(Roles, RequestsBeyondTheCreditsAreRefusedAtOnce) {
  auto client = as(role::client);
  auto welcome = client->greet(as_client());
  const auto credits = std::get<transport::welcome>(welcome).credits;
  ASSERT_GT(credits, 0U);
  // A task of no node: its output is asked for, and the answer must come from a node.
  client->say(a_job());
  const auto job = std::get<transport::submitted>(client->next()).job;
  std::size_t refused = 0;
  for (std::uint64_t i = 0; i < 4 * credits; ++i)
    client->say(transport::log_read{.request = request_id{10 + i}, .id = {{job, 0}, 0}});
  for (std::uint64_t i = 0; i < 4 * credits; ++i) {
    auto answer = client->next();
    const auto* no = std::get_if<transport::failed>(&answer);
    if (no != nullptr && no->why.code == fault_code::busy) ++refused;
  }
  EXPECT_GT(refused, 0U) << "more than the credits were under way";
  client->say(transport::ask{request_id{9}, "ping", ""});
  EXPECT_TRUE(std::holds_alternative<transport::answer>(client->next()))
      << "the session goes on once there is room";
}

TEST_F(Roles, AKeyThatSendsGarbageIsKeptOutForAWhile) {
  transport::free_spirit vandal(head_->endpoint(), server_.public_key, keys_.at(role::client), "v");
  for (int i = 0; i < 3; ++i) vandal.say("no messagepack");
  // The garbage and the greeting come by two connections: until all of it is read, one is let in.
  message answer;
  do {
    answer = as(role::client)->greet(as_client());
  } while (std::holds_alternative<transport::welcome>(answer));
  const auto& no = std::get<transport::refused>(answer);
  EXPECT_EQ(no.why.code, fault_code::busy);
  EXPECT_GT(no.retry_after, std::chrono::seconds{50});
  as(role::worker)->be_welcome(as_node());
}

}  // namespace
}  // namespace fabric::actors
