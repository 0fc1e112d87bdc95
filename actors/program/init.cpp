#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "actors/api/desk.hpp"
#include "actors/api/invoke.hpp"
#include "actors/api/object_house.hpp"
#include "actors/api/terms.hpp"
#include "actors/daemon/credentials.hpp"
#include "actors/program/cluster_fleet.hpp"
#include "actors/program/worker_environment.hpp"
#include "actors/program/worker_service.hpp"
#include "fabric/session.hpp"

namespace fabric {

namespace {

/// The value of `--cluster`, or the empty string.
std::string cluster_argument(int argc, char** argv) {
  constexpr std::string_view flag = "--cluster";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    if (word == flag) {
      if (i + 1 == argc) detail::throw_usage("--cluster is given without a file");
      return argv[i + 1];
    }
    if (word.starts_with(flag) && word.substr(flag.size()).starts_with('='))
      return std::string(word.substr(flag.size() + 1));
  }
  return {};
}

std::unique_ptr<detail::fleet> make_cluster_fleet(const std::string& file) {
  const auto cluster = daemon::load_cluster(file);
  if (!cluster) throw_failure({.kind = error_kind::unsupported, .what = to_line(cluster.error())});
  return std::make_unique<actors::cluster_fleet>(
      actors::head_address{"tcp://" + cluster->address, cluster->server_public_key, cluster->client,
                           cluster->cluster},
      file, transport::make_key_pair());
}

/// A worker process is the program without its main: it never returns from `init`.
[[noreturn]] void serve() {
  const int status = actors::serve_as_worker();
  std::fflush(nullptr);
  ::_exit(status);  // functions that would not stop must not outlive what they use
}

}  // namespace

session init(int argc, char** argv, session_options how) {
  if (auto file = cluster_argument(argc, argv); !file.empty()) how.cluster = file;
  return init(std::move(how));
}

session init(session_options how) {
  if (const auto conflict = detail::registry_conflict(); !conflict.empty())
    detail::throw_usage(conflict);
  if (const auto conflict = detail::class_conflict(); !conflict.empty())
    detail::throw_usage(conflict);
  detail::object_house::here().configure(how.objects);
  if (actors::is_worker_process()) serve();
  if (how.cluster.empty())
    if (const char* file = std::getenv("FABRIC_CLUSTER")) how.cluster = file;
  auto where =
      how.cluster.empty() ? detail::make_local_fleet(how) : make_cluster_fleet(how.cluster);
  return session{detail::desk_ref{new detail::desk(std::move(where))}};
}

}  // namespace fabric
