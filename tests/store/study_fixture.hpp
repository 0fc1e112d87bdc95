#pragma once

#include <gtest/gtest.h>

#include <initializer_list>

#include "actors/store/study_store.hpp"
#include "tests/store/scratch_folder.hpp"

namespace fabric::store {

using tuner::trial_state;
using outcome = study_store::outcome;

inline tuner::space space_of(std::initializer_list<const char*> texts) {
  std::vector<tuner::parameter> parameters;
  for (const auto* text : texts) parameters.push_back(tuner::parse_parameter(text).value());
  return tuner::space::make(std::move(parameters)).value();
}

inline tuner::trial a_trial(const tuner::space& over, tuner::point where, tuner::trial_number n) {
  tuner::trial row;
  row.number = n;
  row.key = tuner::canonical_key(over, where);
  row.where = std::move(where);
  row.start_ms = 1'700'000'000'000 + static_cast<std::int64_t>(n);
  return row;
}

inline tuner::trial completed(tuner::trial row, double value) {
  row.state = trial_state::complete;
  row.values = {value};
  row.complete_ms = row.start_ms + 1500;
  row.node = "gpu-box";
  row.user_attrs["HOST"] = R"({"host": "gpu-box"})";
  return row;
}

inline study_store::change fresh(tuner::trial row, bool unique = true) {
  return {std::move(row), true, unique};
}
inline study_store::change changed(tuner::trial row, bool unique = false) {
  return {std::move(row), false, unique};
}

inline tuner::study_settings study_of(std::string name, tuner::space over) {
  tuner::study_settings how;
  how.name = std::move(name);
  how.over = std::move(over);
  return how;
}

class StudyFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::string url() const { return "sqlite:///" + path; }
  study_store opened(study_store::mode how = study_store::mode::create) {
    auto store = study_store::open(url(), how);
    if (!store) {
      ADD_FAILURE() << to_line(store.error());
      std::abort();
    }
    return std::move(*store);
  }

  scratch_folder folder;
  std::string path = folder / "study.db";
};

}  // namespace fabric::store
