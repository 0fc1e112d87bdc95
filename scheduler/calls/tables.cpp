#include "scheduler/calls/tables.hpp"

namespace fabric::calls {

void chain::push_back(std::vector<call_record>& calls, place at) {
  auto& c = calls[at];
  c.before = last;
  c.behind = nowhere;
  (last == nowhere ? first : calls[last].behind) = at;
  last = at;
  ++size;
}

void chain::push_front(std::vector<call_record>& calls, place at) {
  auto& c = calls[at];
  c.before = nowhere;
  c.behind = first;
  (first == nowhere ? last : calls[first].before) = at;
  first = at;
  ++size;
}

void chain::remove(std::vector<call_record>& calls, place at) {
  auto& c = calls[at];
  (c.before == nowhere ? first : calls[c.before].behind) = c.behind;
  (c.behind == nowhere ? last : calls[c.behind].before) = c.before;
  c.before = c.behind = nowhere;
  --size;
}

}  // namespace fabric::calls
