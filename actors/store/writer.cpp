#include "actors/store/writer.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace fabric::store {

namespace {

/// A batch, or the wish to reopen where `is_reopen`.
struct entry {
  std::uint64_t number = 0;  ///< in the order of arrival, over entries and looks
  std::vector<scheduler::record_type> records;
  std::int64_t wall_ms = 0;
  writer::done answer;
  bool is_reopen = false;
};

struct look {
  std::uint64_t number = 0;
  std::function<void(head_store&)> run;
};

/// What the thread does before it looks at the queue again.
struct turn {
  std::vector<entry> entries;  ///< batches of one commit, or a single wish to reopen
  std::vector<look> looks;
  [[nodiscard]] bool empty() const { return entries.empty() && looks.empty(); }
};

/// Empty batches count too: what bounds the queue must bound its length.
std::size_t weight(const std::vector<scheduler::record_type>& records) {
  return std::max<std::size_t>(records.size(), 1);
}

fault stopped() { return {fault_code::cancelled, "the store is being closed", ""}; }

fault full(const char* what) {
  return {fault_code::busy, std::string("the store is behind: too many ") + what + " wait for it",
          "try again after a while"};
}

}  // namespace

struct writer::state {
  state(head_store opened, limits bounds) : store(std::move(opened)), how(bounds) {}

  head_store store;             ///< the thread's alone
  std::optional<fault> broken;  ///< the thread's alone
  const limits how;

  mutable std::mutex guard;
  std::condition_variable changed;
  std::deque<entry> entries;
  std::deque<look> looks;
  std::size_t records = 0;  ///< of `entries`
  std::uint64_t arrived = 0;
  bool stopping = false;
  std::thread thread;

  void run();
  turn next_turn();
  void take_entries(turn& into);
  void take_looks(turn& into);
  void carry_out(turn& what);
  result<void> commit(const std::vector<entry>& batches);
  result<void> reopen();
};

void writer::state::run() {
  for (turn now = next_turn(); !now.empty(); now = next_turn()) carry_out(now);
}

/// Empty only when all is done and the writer is stopped.
turn writer::state::next_turn() {
  std::unique_lock lock(guard);
  changed.wait(lock, [this] { return stopping || !entries.empty() || !looks.empty(); });
  turn now;
  take_entries(now);
  take_looks(now);
  return now;
}

void writer::state::take_entries(turn& into) {
  std::size_t taken = 0;
  while (!entries.empty()) {
    const auto& next = entries.front();
    const bool alone = next.is_reopen || (!into.entries.empty() && into.entries[0].is_reopen);
    const auto more = next.is_reopen ? 0 : weight(next.records);
    const bool too_many = taken + more > how.commit_records_max;
    if (!into.entries.empty() && (alone || too_many)) break;
    taken += more;
    into.entries.push_back(std::move(entries.front()));
    entries.pop_front();
  }
  records -= taken;
}

void writer::state::take_looks(turn& into) {
  const auto ready = [this](const look& one) {
    return entries.empty() || one.number < entries.front().number;
  };
  while (!looks.empty() && ready(looks.front())) {
    into.looks.push_back(std::move(looks.front()));
    looks.pop_front();
  }
}

void writer::state::carry_out(turn& what) {
  if (!what.entries.empty()) {
    const auto outcome = what.entries[0].is_reopen ? reopen() : commit(what.entries);
    for (const auto& each : what.entries) {
      if (each.answer) each.answer(outcome);
    }
  }
  for (const auto& each : what.looks) each.run(store);
}

result<void> writer::state::commit(const std::vector<entry>& batches) {
  if (broken) return *broken;
  std::vector<head_store::batch> group;
  for (const auto& each : batches) {
    if (!each.records.empty()) group.push_back({each.records, each.wall_ms});
  }
  if (group.empty()) return {};
  auto written = store.commit(group);
  if (!written) broken = written.error();
  return written;
}

result<void> writer::state::reopen() {
  auto opened = store.reopen();
  if (opened) {
    broken.reset();
  } else {
    broken = opened.error();
  }
  return opened;
}

writer::writer(head_store store) : writer(std::move(store), limits{}) {}

writer::writer(head_store store, limits how)
    : state_(std::make_unique<state>(std::move(store), how)) {
  state_->thread = std::thread([this] { state_->run(); });
}

writer::~writer() { stop(); }

result<void> writer::submit(std::vector<scheduler::record_type>&& records, std::int64_t wall_ms,
                            done when_durable) {
  {
    const std::lock_guard lock(state_->guard);
    if (state_->stopping) return stopped();
    const auto after = state_->records + weight(records);
    if (!state_->entries.empty() && after > state_->how.queued_records_max) return full("records");
    state_->records = after;
    state_->entries.push_back(
        {++state_->arrived, std::move(records), wall_ms, std::move(when_durable), false});
  }
  state_->changed.notify_one();
  return {};
}

result<void> writer::read(std::function<void(head_store&)> look) {
  {
    const std::lock_guard lock(state_->guard);
    if (state_->stopping) return stopped();
    if (state_->looks.size() >= state_->how.queued_reads_max) return full("questions");
    state_->looks.push_back({++state_->arrived, std::move(look)});
  }
  state_->changed.notify_one();
  return {};
}

result<void> writer::reopen(done when_open) {
  {
    const std::lock_guard lock(state_->guard);
    if (state_->stopping) return stopped();
    state_->entries.push_back({++state_->arrived, {}, 0, std::move(when_open), true});
  }
  state_->changed.notify_one();
  return {};
}

std::size_t writer::queued_records() const {
  const std::lock_guard lock(state_->guard);
  return state_->records;
}

void writer::stop() {
  {
    const std::lock_guard lock(state_->guard);
    state_->stopping = true;
  }
  state_->changed.notify_one();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace fabric::store
