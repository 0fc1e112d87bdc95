#include "scheduler/calls/book.hpp"

#include "resources/check.hpp"
#include "scheduler/mutant.hpp"

namespace fabric::calls {

namespace {

constexpr std::uint64_t id_value(std::uint32_t generation, place at) {
  return std::uint64_t{generation} << 32 | at;
}

}  // namespace

pool_id book::pool_of(const pool_shape& shape) {
  const auto [at, is_new] = pool_ids_.try_emplace(shape, pool_id{pools_.size() + 1});
  if (is_new) pools_.emplace_back().shape = shape;
  return at->second;
}

call_id book::announce() {
  if (vacant_calls_.empty()) {
    FABRIC_CHECK(calls_.size() < nowhere);
    vacant_calls_.push_back(static_cast<place>(calls_.size()));
    calls_.emplace_back();
  }
  const auto at = vacant_calls_.back();
  vacant_calls_.pop_back();
  auto& c = calls_[at];
  const auto generation = c.generation + 1;  // from 1: no call has the id 0
  c = {};
  c.generation = generation;
  c.state = call_state::announced;
  ++open_calls_;
  return call_id{id_value(generation, at)};
}

void book::step(const event_type& what, instant now, std::vector<command_type>& out) {
  now_ = now;
  out_ = &out;
  std::visit([&](const auto& e) { on(e); }, what);
  settle_waiters();
  say_wants();
  out_ = nullptr;
}

pool_record& book::pool_of_call(place at) { return pool_at(batches_[calls_[at].batch].pool); }

const call_rules& book::rules_of(place at) const { return batches_[calls_[at].batch].rules; }

call_id book::id_of(place at) const { return call_id{id_value(calls_[at].generation, at)}; }

place book::find(call_id id) const {
  const auto at = place_of(id);
  if (at >= calls_.size()) return nowhere;
  const auto& c = calls_[at];
  return c.state != call_state::vacant && c.generation == id.value >> 32 ? at : nowhere;
}

place book::find(worker_id id) const {
  const auto at = worker_places_.find(id);
  return at == worker_places_.end() ? nowhere : at->second;
}

place book::find_attempt(place worker, call_id id, std::uint32_t attempt) const {
  const auto at = find(id);
  if (at == nowhere) return nowhere;
  const auto& c = calls_[at];
  const bool is_latest = c.attempt == attempt || mutant::is_on("old_attempt_heard");
  return c.worker == worker && is_latest ? at : nowhere;
}

void book::touch(pool_id id) {
  auto& p = pool_at(id);
  if (p.is_touched) return;
  p.is_touched = true;
  touched_.push_back(id);
}

call_state book::state_of(call_id id) const {
  const auto at = find(id);
  return at == nowhere || calls_[at].is_told ? call_state::vacant : calls_[at].state;
}

std::uint32_t book::attempt_of(call_id id) const {
  const auto at = find(id);
  return at == nowhere ? 0 : calls_[at].attempt;
}

std::size_t book::held_calls() const {
  std::size_t n = 0;
  for (const auto& c : calls_) n += c.worker != nowhere ? 1 : 0;
  return n;
}

}  // namespace fabric::calls
