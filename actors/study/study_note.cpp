#include "actors/study/study_note.hpp"

namespace fabric::actors {

std::string note_of(const study_note& what) { return pack(what); }

result<study_note> note_in(const std::string& body) { return unpack<study_note>(body); }

std::string answer_of(verdict what) { return what == verdict::stop ? "stop" : "go_on"; }

verdict verdict_in(const std::string& answer) {
  return answer == "stop" ? verdict::stop : verdict::go_on;
}

}  // namespace fabric::actors
