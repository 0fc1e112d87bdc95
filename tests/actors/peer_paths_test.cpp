#include "actors/program/peer_paths.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>

/// Paths between programs that do not lead through the head, over real sockets. The test says what
/// the head would.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;
using transport::introduced;
using transport::parcel;

constexpr const char* somewhere = "tcp://127.0.0.1:6333";

/// A program: everything that touches its paths is done on its loop's thread.
class program {
 public:
  explicit program(std::uint64_t number) : id{number} {
    auto started = transport::poll_loop::start({.turn =
                                                    [this] {
                                                      work();
                                                      return transport::no_turn_due;
                                                    }},
                                               router_.sink());
    EXPECT_TRUE(started);
    loop_ = std::move(*started);
    router_.set_gateway(receiver());
    listens = peer_paths::open_listener(*loop_, somewhere);
    EXPECT_FALSE(listens.endpoint.empty());
    do_now([this] { paths_.emplace(*loop_, router_, id, keys); });
  }
  ~program() { loop_->stop(); }

  void do_now(std::function<void()> what) {
    std::unique_lock lock(mutex_);
    orders_.push_back(std::move(what));
    loop_->wake();
    changed_.wait(lock, [this] { return orders_.empty(); });
  }
  void hears_of(const introduced& whom) {
    do_now([&] { paths_->introduced(whom, receiver()); });
  }
  bool says(program_id to, const std::string& text, std::optional<program_id> as = std::nullopt) {
    bool done = false;
    do_now([&] { done = paths_->has(to) && paths_->send({to, as.value_or(id), text}); });
    return done;
  }
  void drops(program_id whom) {
    do_now([&] { paths_->drop(whom, instant{}); });
  }
  bool wants(program_id whom, instant at) {
    bool it_does = false;
    do_now([&] { it_does = paths_->wants(whom, at); });
    return it_does;
  }
  void await(const std::function<bool(const peer_paths::outcome&)>& until) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 30s, [&] { return until(all_); }));
  }
  std::vector<std::string> heard() {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> texts;
    for (const auto& one : all_.parcels) texts.push_back(one.body);
    return texts;
  }

  const program_id id;
  const transport::key_pair keys = transport::make_key_pair();
  peer_paths::address listens;

 private:
  link_router::receiver receiver() {
    return [this](std::vector<transport::link_event_type> events) {
      const std::scoped_lock lock(mutex_);
      auto news = paths_->take(events, instant{});
      for (auto& one : news.parcels) all_.parcels.push_back(std::move(one));
      all_.opened.insert(all_.opened.end(), news.opened.begin(), news.opened.end());
      all_.lost.insert(all_.lost.end(), news.lost.begin(), news.lost.end());
      all_.in_vain.insert(all_.in_vain.end(), news.in_vain.begin(), news.in_vain.end());
      changed_.notify_all();
    };
  }
  void work() {
    const std::scoped_lock lock(mutex_);
    for (auto& order : orders_) order();
    orders_.clear();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> orders_;
  peer_paths::outcome all_;
  link_router router_;
  std::unique_ptr<transport::poll_loop> loop_;
  std::optional<peer_paths> paths_;
};

class PeerPaths : public ::testing::Test {
 protected:
  void introduce() {
    bert.hears_of({.program = anna.id, .peer_key = anna.keys.public_key});
    anna.hears_of(
        {.program = bert.id, .endpoint = bert.listens.endpoint, .endpoint_key = bert.listens.key});
  }
  void connect() {
    introduce();
    anna.await([](const auto& all) { return all.opened.size() == 1; });
    bert.await([](const auto& all) { return all.opened.size() == 1; });
  }

  program anna{1};
  program bert{2};
};

TEST_F(PeerPaths, ProgramsThatWereIntroducedSpeakDirectly) {
  connect();
  EXPECT_TRUE(anna.says(bert.id, "hello"));
  bert.await([](const auto& all) { return all.parcels.size() == 1; });
  EXPECT_TRUE(bert.says(anna.id, "good day"));
  anna.await([](const auto& all) { return all.parcels.size() == 1; });
  EXPECT_EQ(anna.heard(), std::vector<std::string>{"good day"});
  EXPECT_EQ(bert.heard(), std::vector<std::string>{"hello"});
}

TEST_F(PeerPaths, AStrangerIsNotLetIn) {
  anna.hears_of(
      {.program = bert.id, .endpoint = bert.listens.endpoint, .endpoint_key = bert.listens.key});
  anna.await([](const auto& all) { return all.in_vain.size() == 1; });
  EXPECT_FALSE(anna.says(bert.id, "hello"));
  EXPECT_TRUE(bert.heard().empty());
}

TEST_F(PeerPaths, AServerWithAnotherKeyIsNotBelieved) {
  bert.hears_of({.program = anna.id, .peer_key = anna.keys.public_key});
  anna.hears_of({.program = bert.id,
                 .endpoint = bert.listens.endpoint,
                 .endpoint_key = transport::make_key_pair().public_key});
  anna.await([](const auto& all) { return all.in_vain.size() == 1; });
}

TEST_F(PeerPaths, NobodySpeaksForAnother) {
  connect();
  EXPECT_TRUE(anna.says(bert.id, "I am carl", program_id{3}));
  anna.await([](const auto& all) { return all.lost.size() == 1; });
  EXPECT_TRUE(bert.heard().empty());
}

TEST_F(PeerPaths, BothSidesHearThatAPathIsLost) {
  connect();
  anna.drops(bert.id);
  bert.await([](const auto& all) { return all.lost.size() == 1; });
  EXPECT_FALSE(anna.says(bert.id, "hello"));
  EXPECT_FALSE(bert.says(anna.id, "hello"));
}

TEST_F(PeerPaths, APathThatIsNotToBeHadIsAskedForNowAndThen) {
  const instant t0{100s};
  EXPECT_TRUE(anna.wants(bert.id, t0));
  EXPECT_FALSE(anna.wants(bert.id, t0 + 1s));
  EXPECT_TRUE(anna.wants(bert.id, t0 + peer_paths::patience));
}

}  // namespace
}  // namespace fabric::actors
