#include "resources/inventory.hpp"

#include <algorithm>
#include <utility>

#include "resources/check.hpp"

namespace fabric {

namespace {

constexpr milli whole_gpu = units(1);

bool are_satisfied(const std::vector<label_condition>& where, const label_map& labels) {
  return std::ranges::all_of(where, [&](const auto& c) { return satisfies(labels, c); });
}

milli sum_of(const std::vector<gpu_share>& shares) {
  milli sum;
  for (const auto& held : shares) sum += held.share;
  return sum;
}

/// `amounts` with `change` applied to the amount of each name of `by`.
template <class Change>
void change_each(resource_set& amounts, const resource_set& by, Change change) {
  for (const auto& [name, amount] : by) amounts.set(name, change(amounts[name], amount));
}

}  // namespace

inventory::inventory(capacity total) : total_(std::move(total)), free_(total_.amounts) {
  FABRIC_CHECK(total_.amounts[gpu] == units(static_cast<std::int64_t>(total_.gpu_ids.size())));
  gpu_free_.assign(total_.gpu_ids.size(), whole_gpu);
}

resource_set inventory::used() const {
  auto used = total_.amounts;
  change_each(used, free_, [](milli a, milli b) { return a - b; });
  return used;
}

bool inventory::fits(const demand& needs) const {
  if (!is_acceptable(needs) || !covers(free_, needs.amounts)) return false;
  const auto gpus = needs.amounts[gpu];
  return gpus == milli{} || !gpus_for(gpus).empty();
}

bool inventory::could_ever_fit(const demand& needs) const {
  return is_acceptable(needs) && covers(total_.amounts, needs.amounts);
}

std::optional<std::vector<gpu_share>> inventory::reserve(attempt_id holder, const demand& needs) {
  FABRIC_CHECK(!holds(holder));
  if (!is_acceptable(needs) || !covers(free_, needs.amounts)) return std::nullopt;
  lease taken{needs.amounts, {}, false};
  if (const auto gpus = needs.amounts[gpu]; gpus != milli{}) {
    const auto chosen = gpus_for(gpus);
    if (chosen.empty()) return std::nullopt;
    for (const auto at : chosen)
      taken.gpus.push_back({total_.gpu_ids[at], std::min(gpus, whole_gpu)});
  }
  take(taken);
  return leases_.emplace(holder, std::move(taken)).first->second.gpus;
}

bool inventory::reserve_again(attempt_id holder, const demand& needs,
                              const std::vector<gpu_share>& gpus) {
  FABRIC_CHECK(!holds(holder));
  auto others = needs;
  others.amounts.set(gpu, {});
  if (!fits(others)) return false;
  for (const auto& held : gpus) {
    const auto at = index_of(held.id);
    if (!at || gpu_free_[*at] < held.share) return false;
  }
  adopt(holder, needs, gpus);
  leases_.at(holder).adopted = false;  // it fits
  return true;
}

void inventory::adopt(attempt_id holder, const demand& needs, const std::vector<gpu_share>& gpus) {
  FABRIC_CHECK(!holds(holder));
  lease taken{{}, {}, true};
  for (const auto& [name, amount] : needs.amounts)
    if (amount.value > 0 && total_.amounts[name] != milli{}) taken.amounts.set(name, amount);
  for (const auto& held : gpus) {
    const bool is_share = held.share > milli{} && held.share <= whole_gpu;
    const bool repeats = std::ranges::find(taken.gpus, held.id, &gpu_share::id) != taken.gpus.end();
    if (is_share && !repeats && index_of(held.id)) taken.gpus.push_back(held);
  }
  taken.amounts.set(gpu, sum_of(taken.gpus));
  take(taken);
  leases_.emplace(holder, std::move(taken));
}

bool inventory::release(attempt_id holder) {
  const auto at = leases_.find(holder);
  if (at == leases_.end()) return false;
  const auto& given = at->second;
  change_each(free_, given.amounts, [](milli a, milli b) { return a + b; });
  for (const auto& held : given.gpus) gpu_free_[*index_of(held.id)] += held.share;
  leases_.erase(at);
  return true;
}

bool inventory::is_balanced() const {
  auto sum = free_;
  auto gpu_sum = gpu_free_;
  resource_set adopted;
  std::vector<bool> gpu_adopted(gpu_free_.size(), false);
  for (const auto& [holder, held] : leases_) {
    change_each(sum, held.amounts, [](milli a, milli b) { return a + b; });
    if (held.adopted) change_each(adopted, held.amounts, [](milli a, milli b) { return a + b; });
    if (sum_of(held.gpus) != held.amounts[gpu]) return false;
    for (const auto& part : held.gpus) {
      const auto at = index_of(part.id);
      if (!at) return false;
      gpu_sum[*at] += part.share;
      if (held.adopted) gpu_adopted[*at] = true;
    }
  }
  const auto is_overcommitted = [&](const auto& e) {
    return e.second < milli{} && adopted[e.first] == milli{};
  };
  if (sum != total_.amounts || std::ranges::any_of(free_, is_overcommitted)) return false;
  for (std::size_t at = 0; at < gpu_sum.size(); ++at)
    if (gpu_sum[at] != whole_gpu || (gpu_free_[at] < milli{} && !gpu_adopted[at])) return false;
  return true;
}

bool inventory::is_acceptable(const demand& needs) const {
  const auto gpus = needs.amounts[gpu];
  if (gpus > whole_gpu && gpus.value % whole_gpu.value != 0) return false;
  return std::ranges::all_of(needs.amounts, [](const auto& e) { return e.second > milli{}; }) &&
         are_satisfied(needs.where, total_.labels);
}

/// Empty where they are not there: whole GPUs or one with room for a share.
std::vector<std::size_t> inventory::gpus_for(milli amount) const {
  std::vector<std::size_t> chosen;
  if (amount < whole_gpu) {
    std::optional<std::size_t> fullest;
    for (std::size_t at = 0; at < gpu_free_.size(); ++at)
      if (gpu_free_[at] >= amount && (!fullest || gpu_free_[at] < gpu_free_[*fullest]))
        fullest = at;
    if (fullest) chosen.push_back(*fullest);
    return chosen;
  }
  const auto count = static_cast<std::size_t>(amount.value / whole_gpu.value);
  for (std::size_t at = 0; at < gpu_free_.size() && chosen.size() < count; ++at)
    if (gpu_free_[at] == whole_gpu) chosen.push_back(at);
  if (chosen.size() < count) chosen.clear();
  return chosen;
}

std::optional<std::size_t> inventory::index_of(std::string_view gpu_id) const {
  const auto at = std::ranges::find(total_.gpu_ids, gpu_id);
  if (at == total_.gpu_ids.end()) return std::nullopt;
  return static_cast<std::size_t>(at - total_.gpu_ids.begin());
}

void inventory::take(const lease& what) {
  change_each(free_, what.amounts, [](milli a, milli b) { return a - b; });
  for (const auto& held : what.gpus) gpu_free_[*index_of(held.id)] -= held.share;
}

}  // namespace fabric
