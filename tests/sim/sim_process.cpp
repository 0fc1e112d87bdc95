#include "tests/sim/sim_process.hpp"

#include <utility>

namespace fabric::sim {

void sim_process::begin_life() {
  ++life_;
  is_alive_ = true;
}

void sim_process::end_life() {
  ++life_;
  is_alive_ = false;
  stopped_until_ = instant{};
  waiting_.clear();
}

void sim_process::stop_for(duration how_long) {
  if (!is_alive_) return;
  const instant until = time_.now() + how_long;
  if (until <= stopped_until_) return;
  stopped_until_ = until;
  time_.at(until, [this, life = life_] {
    if (life == life_) go_on();
  });
}

void sim_process::resume_now() {
  stopped_until_ = instant{};
  go_on();
}

void sim_process::go_on() {
  while (is_alive_ && !is_stopped() && !waiting_.empty()) {
    const auto todo = std::exchange(waiting_, {});
    const auto life = life_;
    for (const auto& what : todo) {
      if (life != life_) return;
      what();
    }
  }
}

void sim_process::deliver(std::function<void()> what) {
  if (!is_alive_) return;
  if (is_stopped() || !waiting_.empty())
    waiting_.push_back(std::move(what));
  else
    what();
}

void sim_process::after(duration wait, std::function<void()> what) {
  time_.after(wait, [this, life = life_, what = std::move(what)] {
    if (life == life_) deliver(what);
  });
}

}  // namespace fabric::sim
