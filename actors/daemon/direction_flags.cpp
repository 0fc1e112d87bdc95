#include "actors/daemon/direction_flags.hpp"

namespace fabric::daemon {

using tuner::direction;

void add_direction_flags(CLI::App& command, direction_flags& to) {
  // At once, because the order of the two is the order of the objectives.
  command
      .add_flag_callback(
          "--maximize", [&to] { to.directions.push_back(direction::maximize); },
          "look for the largest value")
      ->trigger_on_parse();
  command
      .add_flag_callback(
          "--minimize", [&to] { to.directions.push_back(direction::minimize); },
          "look for the smallest value; of several objectives give one of the two "
          "for each, in their order")
      ->trigger_on_parse();
  command
      .add_option("--directions,--direction", to.direction_words,
                  "the same in one: minimize,maximize")
      ->delimiter(',');
}

result<std::vector<direction>> directions_of(const direction_flags& flags) {
  const bool is_both = !flags.directions.empty() && !flags.direction_words.empty();
  if (is_both || (flags.directions.empty() && flags.direction_words.empty()))
    return fault{fault_code::usage, "say either --maximize or --minimize",
                 "of several objectives one of the two for each, or --directions "
                 "minimize,maximize"};
  auto found = flags.directions;
  for (const auto& word : flags.direction_words) {
    if (word != "minimize" && word != "maximize")
      return fault{fault_code::usage, "'" + word + "' is no direction",
                   "write it as in --directions minimize,maximize"};
    found.push_back(word == "minimize" ? direction::minimize : direction::maximize);
  }
  return found;
}

}  // namespace fabric::daemon
