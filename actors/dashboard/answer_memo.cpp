#include "actors/dashboard/answer_memo.hpp"

#include <algorithm>
#include <utility>

namespace fabric::dashboard {

std::optional<std::string> answer_memo::find(const std::string& question, instant now) const {
  const auto found = answers_.find(question);
  if (found == answers_.end() || found->second.until <= now) return std::nullopt;
  return found->second.answer;
}

void answer_memo::keep(const std::string& question, std::string answer, duration cost,
                       instant now) {
  if (answers_.size() >= answers_max && !answers_.contains(question))
    answers_.erase(std::min_element(
        answers_.begin(), answers_.end(),
        [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  const auto until = now + std::clamp(cost * times_its_cost, shortest, longest);
  answers_[question] = {std::move(answer), until};
}

}  // namespace fabric::dashboard
