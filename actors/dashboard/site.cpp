#include "actors/dashboard/site.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "actors/dashboard/asset.hpp"
#include "actors/dashboard/metrics.hpp"
#include "fabric/ids.hpp"

namespace fabric::dashboard {

namespace {

using json = nlohmann::ordered_json;

constexpr const char* json_type = "application/json";
constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

int http_status_of(fault_code code) {
  using enum fault_code;
  switch (code) {
    case usage: return 400;
    case not_found: return 404;
    case unreachable:
    case timeout_unknown:
    case busy:
    case store_full:
    case store_failed: return 503;
    default: return 500;
  }
}

/// A query may hold bytes that are no UTF-8.
std::string text_of(const json& what) {
  return what.dump(-1, ' ', false, json::error_handler_t::replace);
}

reply refused(const fault& why) {
  const json body = {
      {"error", {{"code", name_of(why.code)}, {"detail", why.detail}, {"hint", why.hint}}}};
  return {.status = http_status_of(why.code), .type = json_type, .body = text_of(body)};
}

reply nothing_there() {
  return refused({fault_code::not_found, "there is nothing under this path", ""});
}

/// "17" or "17.3"; whether there is such a job the head knows.
bool is_id(const std::string& text) { return parse_job_or_task(text).has_value(); }

std::string text_in(const request& what, const char* name) {
  const auto found = what.query.find(name);
  return found == what.query.end() ? "" : found->second;
}

std::optional<int> limit_in(const request& what) {
  const auto text = text_in(what, "limit");
  if (text.empty()) return site::limit_default;
  int limit = 0;
  const auto [rest, bad] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (bad != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return limit >= 1 && limit <= site::limit_max ? std::optional{limit} : std::nullopt;
}

/// The rest of `path` after `prefix`.
std::optional<std::string> after(const std::string& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  return path.substr(prefix.size());
}

}  // namespace

reply site::get(const request& what) const {
  for (const auto& one : assets())
    if (what.path == one.path)
      return {.type = std::string{one.type}, .body = std::string{one.content}};
  if (what.path == "/metrics") return metrics();
  if (const auto name = after(what.path, "/api/")) return api(*name, what);
  return nothing_there();
}

reply site::api(const std::string& name, const request& what) const {
  if (name == "status") return document("status", json::object());
  for (const auto* kind : {"nodes", "jobs", "tasks", "studies"})
    if (name == kind) return listing(kind, what);
  if (const auto id = after(name, "jobs/"); id && is_id(*id)) return document("get", {{"id", *id}});
  if (const auto id = after(name, "explain/"); id && is_id(*id))
    return document("explain", {{"id", *id}});
  return nothing_there();
}

reply site::listing(const std::string& kind, const request& what) const {
  const auto limit = limit_in(what);
  if (!limit)
    return refused(
        {fault_code::usage, "limit is no whole number from 1 to " + std::to_string(limit_max), ""});
  json arguments = {{"what", kind}, {"state", text_in(what, "state")}, {"limit", *limit}};
  if (kind == "tasks") {
    const auto job = text_in(what, "job");
    if (!is_id(job)) return refused({fault_code::usage, "name a job, as in /api/tasks?job=17", ""});
    arguments["job"] = job;
  }
  return document("list", arguments);
}

reply site::document(const std::string& topic, const json& arguments) const {
  auto answer = ask_(topic, text_of(arguments));
  if (!answer) return refused(answer.error());
  return {.type = json_type, .body = std::move(*answer)};
}

reply site::metrics() const {
  const auto answer = ask_("status", "{}");
  if (!answer) return refused(answer.error());
  return {.type = metrics_type, .body = metrics_of(json::parse(*answer))};
}

}  // namespace fabric::dashboard
