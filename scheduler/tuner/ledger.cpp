#include "scheduler/tuner/ledger.hpp"

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {

ledger::ledger(const space& over) : over_(&over), size_(over.size()) {}

std::size_t ledger::id_hash::operator()(const id& i) const {
  return static_cast<std::size_t>(mixed(i.low + golden_step) ^ i.high);
}

ledger::id ledger::id_of(const point& p) const {
  if (size_) return {0, over_->rank_of(p)};
  id i{golden_step, p.size()};
  for (const auto c : p) {
    i.high = mixed(i.high ^ c) + golden_step;
    i.low = mixed((i.low + c) * 0xD1342543DE82EF95ULL);
  }
  return i;
}

bool ledger::is_free(std::uint64_t rank) const { return !entries_.contains({0, rank}); }

const ledger::entry* ledger::find(const point& p) const {
  const auto found = entries_.find(id_of(p));
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<std::uint64_t> ledger::free() const {
  if (!size_) return std::nullopt;
  return *size_ - entries_.size();
}

void ledger::lease(const point& p, trial_number owner) {
  const auto [at, is_new] = entries_.try_emplace(id_of(p));
  if (is_new) at->second.owner = owner;
  ++at->second.leases;
  ++leases_;
}

void ledger::release(const point& p, std::optional<double> value) {
  auto& e = entries_.at(id_of(p));
  --e.leases;
  --leases_;
  if (!e.value) e.value = value;
}

void ledger::settle(const point& p, trial_number owner, std::optional<double> value) {
  auto& e = entries_[id_of(p)];
  if (e.value) return;
  e.owner = owner;
  e.value = value;
}

void ledger::rename(const point& p, trial_number from, trial_number to) {
  auto& e = entries_.at(id_of(p));
  if (e.owner == from) e.owner = to;
}

std::string ledger::broken_invariant() const {
  std::uint64_t leases = 0;
  for (const auto& [at, e] : entries_) {
    leases += e.leases;
    if (size_ && (at.high != 0 || at.low >= *size_)) return "a point lies outside the space";
  }
  if (leases != leases_)
    return "the ledger counts " + std::to_string(leases_) + " leases and holds " +
           std::to_string(leases);
  return {};
}

}  // namespace fabric::tuner
