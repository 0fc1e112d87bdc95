#include "actors/daemon/tune_progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "actors/daemon/trial_json.hpp"

namespace fabric::daemon {

namespace {

constexpr int bar_cells = 30;
constexpr auto redraw_terminal = std::chrono::milliseconds{100};
constexpr auto redraw_log = std::chrono::seconds{5};

}  // namespace

tune_progress::tune_progress(const tuner::study_settings& how, std::optional<std::uint64_t> total,
                             bool as_json)
    : over_(how.over),
      total_(total),
      as_json_(as_json),
      terminal_(isatty(STDERR_FILENO) != 0),
      is_front_(how.directions.size() > 1),
      best_(how.directions),
      drawn_(std::chrono::steady_clock::now()) {}

void tune_progress::known(const std::vector<tuner::trial>& best) {
  for (const auto& row : best) best_.add(row);
}

void tune_progress::trial(const tuner::trial& row) {
  ++over_count_;
  if (row.state == tuner::trial_state::pruned) ++pruned_;
  if (row.state == tuner::trial_state::fail) {
    ++failed_;
    auto found = row.user_attrs.find("error");
    if (!as_json_ && found != row.user_attrs.end()) {
      if (terminal_) std::fputs("\r\033[K", stderr);
      std::fprintf(stderr, "trial %llu failed: %s\n", static_cast<unsigned long long>(row.number),
                   printable(attribute_text(found->second)).c_str());
    }
  }
  if (row.state == tuner::trial_state::complete && tuner::violation_of(row.constraints) > 0)
    ++infeasible_;
  best_.add(row);
  if (as_json_) print_line(to_json(row, over_));
  draw(false);
}

void tune_progress::counts(const tuner::study_counts& now) {
  leased_ = now.leased;
  by_others_ = now.by_others;
  const bool waits = now.leased == 0 && now.awaited > 0;
  if (waits && !is_waiting_)
    notice("waiting for " + std::to_string(now.awaited) +
           (now.awaited == 1 ? " point that is" : " points that are") +
           " with other tuners of this study");
  is_waiting_ = waits;
}

void tune_progress::notice(const std::string& what) {
  if (terminal_ && !as_json_) std::fputs("\r\033[K", stderr);
  std::fprintf(stderr, "fabricd: %s\n", printable(what).c_str());
}

void tune_progress::draw(bool always) {
  if (as_json_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto wait =
      terminal_ ? std::chrono::nanoseconds{redraw_terminal} : std::chrono::nanoseconds{redraw_log};
  if (!always && now - drawn_ < wait) return;
  drawn_ = now;
  std::string line;
  // Points that other tuners ended are no trials of this run.
  const auto left = total_ ? *total_ - std::min(*total_, by_others_) : 0;
  const auto total = std::max(left, over_count_);
  if (total_ && total > 0) {
    const auto cells = static_cast<int>(bar_cells * over_count_ / total);
    if (terminal_)
      line = "[" + std::string(static_cast<std::size_t>(cells), '#') +
             std::string(static_cast<std::size_t>(bar_cells - cells), '.') + "] ";
    line += std::to_string(over_count_) + "/" + std::to_string(total);
  } else {
    line = counted(over_count_, "trial");
  }
  line += ", " + std::to_string(leased_) + " running";
  if (pruned_ > 0) line += ", " + std::to_string(pruned_) + " pruned";
  if (failed_ > 0) line += ", " + std::to_string(failed_) + " failed";
  if (infeasible_ > 0) line += ", " + std::to_string(infeasible_) + " infeasible";
  if (const auto front = best_.all().size(); is_front_ && front > 0)
    line += ", " + std::to_string(front) + " on the front";
  if (const auto* best = best_.one())
    line += ", best " + number_text(best->values.front()) + " (trial " +
            std::to_string(best->number) + ")";
  if (terminal_)
    std::fprintf(stderr, "\r%s\033[K", line.c_str());
  else
    std::fprintf(stderr, "%s\n", line.c_str());
}

void tune_progress::finish() {
  if (as_json_) return;
  draw(true);
  if (terminal_) std::fputc('\n', stderr);
}

}  // namespace fabric::daemon
