#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <variant>

#include "actors/inspect/json_views.hpp"
#include "actors/inspect/questions.hpp"

/// Nodes, jobs, tasks and studies as rows.
namespace fabric::actors::inspect {

json nodes_of(const context& from);

/// Trials of a study, as far as the head knows them: by the jobs that bear its name.
struct study_sum {
  std::size_t running = 0;
  std::size_t waiting = 0;
  std::size_t finished = 0;
};
std::map<std::string, study_sum> live_studies(const context& from);
json studies_of(const std::map<std::string, study_sum>& sums);

/// A stored job's counts, where the scheduler no longer holds it.
json summary_of(store::head_store& rows, const store::stored_job& job);

/// Answers the topic "list".
std::variant<reply, stored_answer> list(const context& from, const question& what,
                                        const json& arguments);

}  // namespace fabric::actors::inspect
