#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "actors/dashboard/request.hpp"
#include "fabric/result.hpp"

namespace fabric::dashboard {

/// Asks the head: a topic and its arguments in JSON, answered with the JSON text that commands
/// print with --json. May block; any thread.
using asker =
    std::function<result<std::string>(const std::string& topic, const std::string& arguments)>;

/// What there is to read, by path: the page and its files, /api/... and /metrics. Its callers have
/// passed the gate.
class site {
 public:
  explicit site(asker ask) : ask_(std::move(ask)) {}

  static constexpr int limit_default = 50;
  static constexpr int limit_max = 1000;  ///< rows of a listing

  [[nodiscard]] reply get(const request& what) const;

 private:
  [[nodiscard]] reply document(const std::string& topic,
                               const nlohmann::ordered_json& arguments) const;
  [[nodiscard]] reply listing(const std::string& kind, const request& what) const;
  [[nodiscard]] reply metrics() const;
  [[nodiscard]] reply api(const std::string& name, const request& what) const;

  asker ask_;
};

}  // namespace fabric::dashboard
