#include "actors/caf_bridge/ledger.hpp"

#include <algorithm>

namespace fabric::actors {

bool ledger::watched(actor ours, program_id by) {
  auto& all = watchers_[ours];
  return all.insert(by).second && all.size() == 1;
}

void ledger::asked(request what, program_id whom) {
  auto& all = requests_[what.asker];
  all.insert_or_assign(all.end(), what.number, whom);
  if (all.size() > requests_max) all.erase(all.begin());
}

void ledger::answered(request what) {
  const auto found = requests_.find(what.asker);
  if (found == requests_.end()) return;
  found->second.erase(what.number);
  if (found->second.empty()) requests_.erase(found);
}

void ledger::moved(request what, program_id from, program_id to) {
  const auto asker = requests_.find(what.asker);
  if (asker == requests_.end()) return;
  const auto found = asker->second.find(what.number);
  if (found != asker->second.end() && found->second == from) found->second = to;
}

std::vector<program_id> ledger::ended(actor ours) {
  requests_.erase(ours);
  const auto found = watchers_.find(ours);
  if (found == watchers_.end()) return {};
  std::vector<program_id> all(found->second.begin(), found->second.end());
  watchers_.erase(found);
  return all;
}

std::vector<ledger::request> ledger::gone(program_id who) {
  for (auto& [ours, all] : watchers_) all.erase(who);
  std::vector<request> lost;
  for (auto& [asker, all] : requests_)
    std::erase_if(all, [&, asker = asker](const auto& one) {
      if (one.second != who) return false;
      lost.push_back({asker, one.first});
      return true;
    });
  std::erase_if(requests_, [](const auto& one) { return one.second.empty(); });
  std::ranges::sort(lost);
  return lost;
}

std::size_t ledger::open_requests() const {
  std::size_t count = 0;
  for (const auto& [asker, all] : requests_) count += all.size();
  return count;
}

}  // namespace fabric::actors
