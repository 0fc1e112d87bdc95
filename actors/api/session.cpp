#include "fabric/session.hpp"

#include <cmath>
#include <cstdlib>
#include <string_view>

#include "actors/api/desk.hpp"
#include "actors/api/invoke.hpp"
#include "actors/api/local_fleet.hpp"
#include "actors/api/terms.hpp"
#include "resources/detect.hpp"
#include "resources/overrides.hpp"

namespace fabric {

namespace detail {

namespace {

fleet_maker& cluster_fleet() {
  static fleet_maker maker;
  return maker;
}

overrides overrides_of(const session_options& how) {
  overrides said;
  const auto milli_of = [](double v, std::string_view what) {
    if (!(v >= 0) || v > 1e9) throw_usage(std::string(what) + " of the session is out of range");
    return milli{std::llround(v * 1000)};
  };
  if (how.cpus != -1) said.num_cpus = milli_of(how.cpus, "cpus");
  if (how.gpus < -1) throw_usage("gpus of the session is negative");
  if (how.gpus >= 0) said.num_gpus = static_cast<std::uint32_t>(how.gpus);
  if (how.memory < -1) throw_usage("memory of the session is negative");
  if (how.memory >= 0) said.memory = milli{std::min(how.memory, amount_max.value / 1000) * 1000};
  for (const auto& [name, amount] : how.resources) said.resources.set(name, milli_of(amount, name));
  auto labels = parse_labels(how.labels);
  if (!labels) throw_usage(labels.error().detail);
  said.labels = std::move(labels).value();
  return said;
}

std::unique_ptr<fleet> local(const session_options& how) {
  auto has = apply_overrides(detect(this_machine()).has, overrides_of(how));
  if (!has) throw_usage(has.error().detail);
  return std::make_unique<local_fleet>(std::move(has).value(), host_name());
}

/// The value of `--cluster`, or the empty string.
std::string cluster_argument(int argc, char** argv) {
  constexpr std::string_view flag = "--cluster";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    if (word == flag) {
      if (i + 1 == argc) throw_usage("--cluster is given without a file");
      return argv[i + 1];
    }
    if (word.starts_with(flag) && word.substr(flag.size()).starts_with('='))
      return std::string(word.substr(flag.size() + 1));
  }
  return {};
}

}  // namespace

void set_cluster_fleet(fleet_maker maker) { cluster_fleet() = std::move(maker); }

}  // namespace detail

session init(int argc, char** argv, session_options how) {
  if (auto file = detail::cluster_argument(argc, argv); !file.empty()) how.cluster = file;
  return init(std::move(how));
}

session init(session_options how) {
  if (const auto conflict = detail::registry_conflict(); !conflict.empty())
    detail::throw_usage(conflict);
  if (how.cluster.empty())
    if (const char* file = std::getenv("FABRIC_CLUSTER")) how.cluster = file;
  if (how.cluster.empty()) return session{detail::desk_ref{new detail::desk(detail::local(how))}};
  if (!detail::cluster_fleet())
    throw_failure({.kind = error_kind::unsupported,
                   .what = "the cluster of " + how.cluster +
                           " is asked for, and this program has no support for clusters; unset "
                           "FABRIC_CLUSTER to run in this process"});
  return session{detail::desk_ref{new detail::desk(detail::cluster_fleet()(how.cluster))}};
}

session::~session() {
  try {
    shutdown();
  } catch (const error&) {
    // A session that its own callback or task destroys ends with the last of its futures.
  }
}

void session::shutdown() {
  if (desk_) desk_->close();
}

std::size_t session::open_calls() const { return desk()->open_calls(); }

const detail::desk_ref& session::desk() const {
  if (!desk_) detail::throw_usage("a session that was moved away is used");
  return desk_;
}

}  // namespace fabric
