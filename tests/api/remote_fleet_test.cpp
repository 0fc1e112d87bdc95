#include <gtest/gtest.h>

#include <deque>
#include <mutex>

#include "actors/api/desk.hpp"
#include "actors/api/invoke.hpp"
#include "fabric/session.hpp"
#include "tests/api/functions.hpp"

namespace fabric::detail {
namespace {

class worker_context final : public task_context {
 public:
  std::stop_token stop_token() override { return {}; }
  void pause() override {}
  void go_on() override {}
  desk* session() override { return nullptr; }
};

/// A cluster in small: one worker that is reached by bytes only, on whatever thread settles. Loses
/// its worker under the first `losses` calls.
class byte_fleet final : public fleet {
 public:
  explicit byte_fleet(int losses) : losses_(losses) {}

  bool is_remote() const override { return true; }
  void open(desk& owner) override { owner_ = &owner; }
  void close() override {}
  std::string why_infeasible(const demand&) const override { return "never"; }

  void carry_out(std::span<const fabric::calls::command_type> commands) override {
    const std::lock_guard lock(mutex_);
    for (const auto& c : commands) {
      if (const auto* w = std::get_if<fabric::calls::command::want>(&c)) hire(*w);
      if (const auto* s = std::get_if<fabric::calls::command::start>(&c)) send(*s);
      if (std::get_if<fabric::calls::command::release>(&c) != nullptr) has_worker_ = false;
    }
  }

  void settle() override {
    for (;;) {
      std::unique_lock lock(mutex_);
      if (!news_.empty()) {
        const auto event = std::move(news_.front());
        news_.pop_front();
        lock.unlock();
        owner_->happened(event);
      } else if (!sent_.empty()) {
        auto call = std::move(sent_.front());
        sent_.pop_front();
        lock.unlock();
        work(call);
      } else {
        return;
      }
    }
  }

 private:
  struct frame {
    counted<state_base> state;
    fabric::calls::command::start order;
    std::string name;
    std::string arguments;
  };

  void hire(const fabric::calls::command::want& what) {
    if (has_worker_ || what.workers == 0) return;
    has_worker_ = true;
    pool_ = what.pool;
    news_.emplace_back(fabric::calls::event::worker_ready{{++workers_}, what.pool, 1});
  }

  void send(const fabric::calls::command::start& what) {
    auto* state = owner_->record_of(what.call);
    writer arguments;
    state->pack_arguments(arguments);
    sent_.push_back({counted<state_base>::sharing(state), what,
                     std::string(state->function()->name), arguments.take()});
  }

  void work(frame& call) {
    if (losses_ > 0) {
      --losses_;
      owner_->happened(fabric::calls::event::worker_lost{call.order.worker, true});
      const std::lock_guard lock(mutex_);
      news_.emplace_back(fabric::calls::event::worker_ready{{++workers_}, pool_, 1});
      return;
    }
    worker_context context;
    context.attempt = call.order.attempt;
    context.node = "far";
    const auto done = invoke(call.name, call.arguments, context);
    reader result{done.bytes};
    call.state->attempt_failure.reset();
    if (!done.ok)
      call.state->attempt_failure = std::make_unique<failure>(unpack<failure>(done.bytes).value());
    else if (!call.state->take_result(result))
      call.state->attempt_failure = std::make_unique<failure>(
          failure{.kind = error_kind::bad_result, .what = result.error().detail});
    owner_->happened(fabric::calls::event::reported{
        call.order.worker, {desk::judged(*call.state, call.order.call, call.order.attempt)}, {}});
  }

  desk* owner_ = nullptr;
  std::mutex mutex_;
  int losses_;
  bool has_worker_ = false;
  std::uint64_t workers_ = 0;
  fabric::calls::pool_id pool_;
  std::deque<fabric::calls::event_type> news_;
  std::deque<frame> sent_;
};

class RemoteFleet : public testing::Test {
 protected:
  static session far(int losses = 0) {
    return session{desk_ref{new desk(std::make_unique<byte_fleet>(losses))}};
  }
};

TEST_F(RemoteFleet, RunsTheSameProgramsByBytes) {
  auto s = far();
  EXPECT_EQ(s.submit(work::add, 1, 2).get(), 3);
  EXPECT_EQ(s.submit(work::shout, "hey", "!").get(), "hey!");
  EXPECT_EQ(*s.submit(work::boxed, 4).get(), 4);
  EXPECT_EQ(s.submit(work::unboxed, s.submit(work::boxed, 7)).get(), 7);
  s.submit(work::nothing).get();
  EXPECT_EQ(s.map(work::square, std::vector{1.0, 2.0, 3.0}).get(), (std::vector{1.0, 4.0, 9.0}));
}

TEST_F(RemoteFleet, TakesObjectsForTheirValues) {
  auto s = far();
  const auto xs = s.put(std::vector<double>{1, 2, 3});
  EXPECT_EQ(s.submit(work::sum_of_values, xs).get(), 6.0);
  EXPECT_EQ(s.submit(work::sum_of_view, xs).get(), 6.0);
  EXPECT_EQ(s.submit(work::sum_of_object, xs).get(), 6.0);
}

TEST_F(RemoteFleet, CarriesFailuresHome) {
  auto s = far();
  try {
    (void)s.submit(work::half_of, 3).get();
    FAIL();
  } catch (const task_error& e) {
    EXPECT_EQ(e.type(), "std::domain_error");
    EXPECT_EQ(e.node(), "far");
  }
  EXPECT_EQ(
      s.submit({.retries = 2, .backoff = std::chrono::microseconds{0}}, work::third_time).get(),
      3U);
}

TEST_F(RemoteFleet, RunsAgainWhatWasLostWithItsWorker) {
  auto s = far(3);
  EXPECT_EQ(s.submit(work::add, 1, 2).get(), 3);
  auto t = far(4);
  EXPECT_THROW((void)t.submit(work::add, 1, 2).get(), lost_error);
}

TEST(Registry, RefusesTwoFunctionsOfOneName) {
  const auto init_with_conflict = [] {
    register_function({.name = "add", .key = "another"});
    try {
      (void)init();
    } catch (const usage_error& e) {
      std::fprintf(stderr, "%s\n", e.what());
      std::_Exit(e.kind() == error_kind::usage ? 3 : 4);
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(init_with_conflict(), testing::ExitedWithCode(3), "two functions .* as add");
}

}  // namespace
}  // namespace fabric::detail
