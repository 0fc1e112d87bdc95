#pragma once

#include <memory>

#include "actors/dashboard/gate.hpp"
#include "actors/dashboard/listener.hpp"
#include "actors/dashboard/site.hpp"

namespace fabric::dashboard {

/// A page, a JSON API and metrics over HTTP, for reading only, on three threads of its own.
class dashboard {
 public:
  static constexpr std::size_t workers = 2;       ///< questions to the head at a time
  static constexpr std::size_t waiting_max = 64;  ///< requests; beyond, 503

  dashboard(listener at, gate_settings who, asker ask);
  ~dashboard();  ///< answers what was begun, hangs up on the rest

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace fabric::dashboard
