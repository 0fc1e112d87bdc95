#include "scheduler/tuner/pruners/pruner.hpp"

#include <array>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/pruners/halving.hpp"
#include "scheduler/tuner/pruners/hyperband.hpp"
#include "scheduler/tuner/pruners/patient.hpp"
#include "scheduler/tuner/pruners/percentile.hpp"
#include "scheduler/tuner/pruners/pruner_words.hpp"
#include "scheduler/tuner/pruners/threshold.hpp"
#include "scheduler/tuner/pruners/wilcoxon.hpp"

/// Pruners from their spelling.
namespace fabric::tuner {

namespace {

using made = std::unique_ptr<pruner>;

judged_steps judged_steps_of(pruner_words& words) {
  return {words.whole("warmup", 0), words.whole("interval", 1, 1)};
}

std::uint64_t count_of(pruner_words& words, const char* key, std::int64_t otherwise,
                       std::int64_t least = 0) {
  return static_cast<std::uint64_t>(words.whole(key, otherwise, least));
}

made percentile_of(pruner_words& words, double percentile, const pruner_setup& how) {
  percentile_pruner::settings settings;
  settings.percentile = percentile;
  settings.startup = count_of(words, "startup", 5);
  settings.when = judged_steps_of(words);
  settings.enough = count_of(words, "enough", 1, 1);
  return std::make_unique<percentile_pruner>(settings, how.towards);
}

made median(pruner_words& words, const pruner_setup& how) { return percentile_of(words, 50, how); }

made percentile(pruner_words& words, const pruner_setup& how) {
  const auto at = words.real("at");
  if (!at || *at < 0 || *at > 100) words.complain("it needs at=P, a percentile from 0 to 100");
  return percentile_of(words, at.value_or(50), how);
}

made asha(pruner_words& words, const pruner_setup&) {
  halving_pruner::settings settings;
  settings.least = words.whole_or_auto("min", 1);
  settings.factor = words.whole("factor", 4, 2);
  settings.early = words.whole("early", 0);
  settings.bootstrap = count_of(words, "bootstrap", 0);
  if (!settings.least && settings.bootstrap > 0) words.complain("bootstrap needs min=N");
  return std::make_unique<halving_pruner>(settings);
}

made hyperband(pruner_words& words, const pruner_setup& how) {
  hyperband_pruner::settings settings;
  settings.least = words.whole("min", 1, 1);
  settings.most = words.whole_or_auto("max", 1);
  settings.factor = words.whole("factor", 3, 2);
  settings.bootstrap = count_of(words, "bootstrap", 0);
  if (settings.most && *settings.most < settings.least) words.complain("max is below min");
  if (!settings.most && settings.bootstrap > 0) words.complain("bootstrap needs max=N");
  return std::make_unique<hyperband_pruner>(settings, how.study);
}

made patient(pruner_words& words, const pruner_setup& how) {
  patient_pruner::settings settings;
  const auto patience = words.whole("patience", -1);
  if (patience < 0) words.complain("it needs patience=N");
  settings.patience = static_cast<std::uint64_t>(patience);
  settings.delta = words.real("delta").value_or(0);
  if (settings.delta < 0) words.complain("delta is below 0");
  made wrapped;
  if (const auto of = words.text("of")) {
    auto other = make_pruner(*of, how);
    if (!other) words.complain(other.error().detail + "; " + other.error().hint);
    if (other) wrapped = *std::move(other);
  }
  return std::make_unique<patient_pruner>(settings, std::move(wrapped));
}

made threshold(pruner_words& words, const pruner_setup& how) {
  threshold_pruner::settings settings;
  settings.lower = words.real("lower");
  settings.upper = words.real("upper");
  settings.when = judged_steps_of(words);
  if (!settings.lower && !settings.upper) words.complain("it needs lower=V or upper=V");
  if (settings.lower && settings.upper && *settings.lower > *settings.upper)
    words.complain("lower is above upper");
  return std::make_unique<threshold_pruner>(settings, how.towards);
}

made wilcoxon(pruner_words& words, const pruner_setup&) {
  wilcoxon_pruner::settings settings;
  settings.p = words.real("p").value_or(settings.p);
  settings.startup = count_of(words, "startup", 2);
  if (settings.p < 0 || settings.p > 1) words.complain("p is a chance from 0 to 1");
  return std::make_unique<wilcoxon_pruner>(settings);
}

struct kind {
  std::string_view name;
  made (*make)(pruner_words&, const pruner_setup&);
};

constexpr std::array<kind, 8> kinds = {{
    {"asha", asha},
    {"hyperband", hyperband},
    {"median", median},
    {"none", [](pruner_words&, const pruner_setup&) { return made{}; }},
    {"patient", patient},
    {"percentile", percentile},
    {"threshold", threshold},
    {"wilcoxon", wilcoxon},
}};

constexpr auto kind_names = [] {
  std::array<std::string_view, kinds.size()> names;
  for (std::size_t i = 0; i < kinds.size(); ++i) names[i] = kinds[i].name;
  return names;
}();

}  // namespace

void pruner::ended(const history&, trial_state, std::optional<double>) {}

std::span<const std::string_view> pruners() { return kind_names; }

result<std::unique_ptr<pruner>> make_pruner(std::string_view text, const pruner_setup& how) {
  pruner_words words{text};
  for (const auto& [name, make] : kinds) {
    if (name != words.name()) continue;
    auto one = make(words, how);
    if (auto fine = words.finish(); !fine) return std::move(fine).error();
    return one;
  }
  std::string listed;
  for (const auto name : kind_names) listed += (listed.empty() ? "" : ", ") + std::string{name};
  return fault{fault_code::usage, shown(words.name()) + " is no pruner",
               "the pruners are " + listed};
}

}  // namespace fabric::tuner
