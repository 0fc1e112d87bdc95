#include "actors/tune/search_mistakes.hpp"

#include "actors/tune/objective_value.hpp"
#include "scheduler/tuner/value_count.hpp"
#include "transport/codec.hpp"
#include "transport/work.hpp"

namespace fabric::actors {

namespace {

constexpr const char* ends = "; the search ends, and its trials are given back";

}  // namespace

fault wrong_count(std::size_t values, std::span<const tuner::direction> directions) {
  return {fault_code::usage,
          "the command printed " + tuner::miscount(values, directions.size()) + " (" +
              tuner::words_for(directions) + ")" + ends,
          "print one for each --minimize and --maximize, in their order; where one of the flags "
          "was too many, leave it out and choose another study"};
}

std::optional<fault> not_begun(const transport::task_finished& end) {
  const auto report = transport::decode_task_report(end.report);
  if (!report) return std::nullopt;
  const bool is_so = report->code == name_of(fault_code::task_failed) && report->exit_code == -1 &&
                     report->signal == 0;
  if (!is_so) return std::nullopt;
  return fault{
      fault_code::usage,
      "the command cannot be started on node " + end.node_name + ": " + report->detail + ends,
      "mend the command, and go on with --load-if-exists"};
}

fault no_values(const fault& lack, std::string_view output) {
  const auto last = last_line_of(output, 80);
  const bool is_quoted = last.empty() || lack.detail.find("'" + last + "'") != std::string::npos;
  return {fault_code::usage,
          "no result has what the search looks for: " + lack.detail +
              (is_quoted ? "" : "; the last line is '" + last + "'") + ends,
          "mend " + lack.hint + ", and go on with --load-if-exists"};
}

}  // namespace fabric::actors
