#include "scheduler/tuner/ledger.hpp"

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {

namespace {

/// From the top bits of a 64-bit hash, because the tables use all of it modulo a prime.
std::size_t shard_number(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 56); }

}  // namespace

ledger::ledger(const space& over, std::size_t objectives)
    : over_(&over), size_(over.size()), findings_(objectives) {}

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

const ledger::shard& ledger::shard_of(const id& i) const {
  return shards_[shard_number(id_hash{}(i))];
}

ledger::entry& ledger::touch(const point& p, trial_number owner) {
  const auto i = id_of(p);
  const auto [at, is_new] = shards_[shard_number(id_hash{}(i))].try_emplace(i);
  if (is_new) {
    at->second.owner = owner;
    ++touched_;
  }
  return at->second;
}

ledger::entry& ledger::known(const point& p) {
  const auto i = id_of(p);
  return shards_[shard_number(id_hash{}(i))].at(i);
}

bool ledger::is_free(std::uint64_t rank) const {
  const id i{0, rank};
  return !shard_of(i).contains(i);
}

const ledger::entry* ledger::find(const point& p) const {
  const auto i = id_of(p);
  const auto& entries = shard_of(i);
  const auto found = entries.find(i);
  return found == entries.end() ? nullptr : &found->second;
}

std::optional<std::uint64_t> ledger::free() const {
  if (!size_) return std::nullopt;
  return *size_ - touched_;
}

void ledger::lease(const point& p, trial_number owner) {
  ++touch(p, owner).leases;
  ++leases_;
}

void ledger::release(const point& p, const finding& what) {
  auto& e = known(p);
  --e.leases;
  --leases_;
  if (!e.has_value()) e.found_at = findings_.add(what);
}

void ledger::settle(const point& p, trial_number owner, const finding& what) {
  auto& e = touch(p, owner);
  if (e.has_value()) return;
  e.owner = owner;
  e.found_at = findings_.add(what);
}

void ledger::overrule(const point& p, trial_number owner, const finding& what) {
  auto& e = touch(p, owner);
  e.owner = owner;
  e.found_at = findings_.add(what);
}

bool ledger::forget(const point& p, trial_number owner) {
  const auto i = id_of(p);
  auto& entries = shards_[shard_number(id_hash{}(i))];
  const auto at = entries.find(i);
  if (at == entries.end()) return true;
  const auto& e = at->second;
  if (e.owner != owner || e.leases > 0 || e.has_value()) return false;
  entries.erase(at);
  --touched_;
  return true;
}

void ledger::rename(const point& p, trial_number from, trial_number to) {
  auto& e = known(p);
  if (e.owner == from) e.owner = to;
}

std::string ledger::broken_invariant() const {
  std::uint64_t leases = 0;
  std::uint64_t touched = 0;
  for (const auto& entries : shards_) {
    touched += entries.size();
    for (const auto& [at, e] : entries) {
      leases += e.leases;
      if (size_ && (at.high != 0 || at.low >= *size_)) return "a point lies outside the space";
    }
  }
  const auto differ = [](std::string_view what, std::uint64_t counted, std::uint64_t held) {
    return "the ledger counts " + std::to_string(counted) + ' ' + std::string{what} +
           " and holds " + std::to_string(held);
  };
  if (leases != leases_) return differ("leases", leases_, leases);
  if (touched != touched_) return differ("points", touched_, touched);
  return {};
}

}  // namespace fabric::tuner
