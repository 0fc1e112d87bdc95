#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace fabric::dashboard {

/// The document of `fabricd status` in Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats).
std::string metrics_of(const nlohmann::ordered_json& status);

}  // namespace fabric::dashboard
