#include "fabric/session.hpp"

#include <cmath>
#include <string_view>

#include "actors/api/desk.hpp"
#include "actors/api/local_fleet.hpp"
#include "actors/api/terms.hpp"
#include "resources/detect.hpp"
#include "resources/overrides.hpp"

namespace fabric {

namespace detail {

namespace {

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

}  // namespace

std::unique_ptr<fleet> make_local_fleet(const session_options& how) {
  auto has = apply_overrides(detect(this_machine()).has, overrides_of(how));
  if (!has) throw_usage(has.error().detail);
  return std::make_unique<local_fleet>(std::move(has).value(), host_name());
}

}  // namespace detail

session::~session() {
  try {
    if (!is_guest_) shutdown();
  } catch (const error&) {
    // A session that its own callback or task destroys ends with the last of its futures.
  }
}

session this_session() {
  auto* context = detail::current_task();
  if (context == nullptr) detail::throw_usage("this_session is called outside of a task");
  session guest{detail::desk_ref{context->session()}};
  guest.is_guest_ = true;
  return guest;
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
