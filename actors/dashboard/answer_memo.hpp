#pragma once

#include <map>
#include <optional>
#include <string>

#include "fabric/instant.hpp"

namespace fabric::dashboard {

/// The head's answers, given again for a while: ten times as long as they took to make. So all
/// open pages together cost the head about a tenth of its time at most, however large its store is.
/// A value: the time is an argument.
class answer_memo {
 public:
  static constexpr int times_its_cost = 10;
  static constexpr duration shortest = std::chrono::milliseconds{300};
  static constexpr duration longest = std::chrono::minutes{1};
  static constexpr std::size_t answers_max = 64;  ///< the one that ends first makes room

  [[nodiscard]] std::optional<std::string> find(const std::string& question, instant now) const;
  void keep(const std::string& question, std::string answer, duration cost, instant now);
  [[nodiscard]] std::size_t size() const { return answers_.size(); }

 private:
  struct kept {
    std::string answer;
    instant until;
  };
  std::map<std::string, kept> answers_;
};

}  // namespace fabric::dashboard
