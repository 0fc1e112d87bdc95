#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "scheduler/agent.hpp"

namespace fabric::scheduler {

using namespace std::chrono_literals;

constexpr instant at(duration since_boot) { return instant{since_boot}; }

inline attempt_id attempt(std::uint64_t job, attempt_number number = 1) {
  return {{job_id{job}, 0}, number};
}

/// An agent with a lease of 10 s, whose every step must leave its invariants whole.
class AgentTest : public ::testing::Test {
 protected:
  using commands = std::vector<agent_command_type>;

  commands step(const agent_event_type& what, duration now) {
    auto out = node_.step(what, at(now));
    EXPECT_EQ(node_.broken_invariant(), "");
    return out;
  }
  commands join(duration hello, duration now, std::vector<attempt_id> keep = {},
                std::vector<attempt_id> kill = {}) {
    return step(agent_event::welcomed{std::move(keep), std::move(kill), at(hello), lease}, now);
  }
  commands give(attempt_id id, duration worker_time, duration now) {
    return step(agent_event::granted{id, "work", 0s, at(worker_time), lease}, now);
  }
  commands renew(duration worker_time, duration now) {
    return step(agent_event::renewed{at(worker_time), lease}, now);
  }
  commands revoke(attempt_id id, duration now, duration grace = 5s,
                  ending because = ending::cancelled) {
    return step(agent_event::revoked{id, grace, because}, now);
  }
  commands end(attempt_id id, ending how, duration now) {
    return step(agent_event::process_ended{id, how, "report"}, now);
  }
  commands begin(attempt_id id, duration now) {
    return step(agent_event::process_started{id}, now);
  }
  commands acknowledge(attempt_id id, duration now) {
    return step(agent_event::report_acknowledged{id}, now);
  }
  commands lose_session(duration now) { return step(agent_event::session_lost{}, now); }
  commands tick(duration now) { return step(agent_event::ticked{}, now); }

  template <class Command>
  static std::vector<Command> all(const commands& from) {
    std::vector<Command> found;
    for (const auto& c : from)
      if (const auto* it = std::get_if<Command>(&c)) found.push_back(*it);
    return found;
  }
  template <class Command>
  static std::size_t count(const commands& from) {
    return all<Command>(from).size();
  }

  static constexpr duration lease = 10s;
  agent node_{agent_settings{}};
};

}  // namespace fabric::scheduler
