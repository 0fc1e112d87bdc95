#include "fabric/study.hpp"

#include <cmath>
#include <future>
#include <random>
#include <utility>

#include "actors/study/optimizing.hpp"
#include "actors/study/point_values.hpp"
#include "actors/study/study_desk.hpp"
#include "actors/tune/point_words.hpp"
#include "resources/detect.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/value_count.hpp"

namespace fabric {

namespace {

template <class T>
T value_or_throw(result<T> what) {
  if (!what) throw study_error{std::move(what).error()};
  if constexpr (!std::is_void_v<T>) return *std::move(what);
}

std::uint64_t random_seed() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

std::vector<tuner::direction> directions_of(const study_options& how) {
  std::vector<tuner::direction> all;
  for (const auto each : how.directions) all.push_back(static_cast<tuner::direction>(each));
  return all;
}

tuner::study_settings settings_of(const study_options& how) {
  std::vector<tuner::parameter> parameters;
  for (const auto& each : how.parameters)
    parameters.push_back(value_or_throw(tuner::parse_parameter(each.text)));
  return {.name = how.name,
          .directions = directions_of(how),
          .over = value_or_throw(tuner::space::make(std::move(parameters))),
          .sampler = how.sampler,
          .pruner = how.pruner,
          .repeats = static_cast<tuner::duplicates>(how.repeats),
          .until = how.until,
          .patience = how.patience,
          .parallel = ~std::uint32_t{0},  // whoever asks is there to evaluate
          .attempts_max = how.attempts_max,
          .seed = how.seed ? *how.seed : random_seed()};
}

tuner::study_event::told outcome(const trial& which) {
  return {.number = which.number,
          .attempt = which.attempt,
          .values = {},
          .error = {},
          .node = host_name(),
          .host = host_name()};
}

std::vector<trial_record> records_of(const tuner::space& over,
                                     const std::vector<tuner::trial>& rows) {
  std::vector<trial_record> all;
  for (const auto& row : rows) all.push_back(actors::record_of(over, row));
  return all;
}

std::string spelled(double x) {
  if (std::isfinite(x)) return tuner::json_float(x);
  throw study_error{{fault_code::usage, "a bound or step of a parameter is not finite", ""}};
}

}  // namespace

std::string_view name_of(trial_state state) {
  return name_of(static_cast<tuner::trial_state>(state));
}

std::string_view name_of(ending why) {
  switch (why) {
    case ending::exhausted: return "exhausted";
    case ending::trials_reached: return "trials_reached";
    case ending::value_reached: return "value_reached";
    case ending::no_improvement: return "no_improvement";
    case ending::stopped: return "stopped";
    case ending::time_over: return "time_over";
  }
  return "";
}

study_error::study_error(fault why) : std::runtime_error(to_line(why)), why_(std::move(why)) {}

parameter integer(std::string_view name, std::int64_t low, std::int64_t high, integer_shape shape) {
  auto text = std::string{name} + "=int(" + std::to_string(low) + "," + std::to_string(high);
  if (shape.step != 1) text += ",step=" + std::to_string(shape.step);
  return text + (shape.log ? ",log)" : ")");
}

parameter real(std::string_view name, double low, double high, real_shape shape) {
  auto text = std::string{name} + "=float(" + spelled(low) + "," + spelled(high);
  if (shape.step != 0) text += ",step=" + spelled(shape.step);
  return text + (shape.log ? ",log)" : ")");
}

parameter choice(std::string_view name, std::initializer_list<std::string_view> words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : ",") + tuner::json_quoted(word);
  return std::string{name} + "=choice(" + text + ")";
}

study::study(const study_options& how)
    : desk_(value_or_throw(
          actors::study_desk::open(settings_of(how), how.storage, how.load_if_exists))) {}
study::~study() = default;
study::study(study&&) noexcept = default;
study& study::operator=(study&&) noexcept = default;

std::optional<trial> study::ask() {
  auto found = value_or_throw(desk_->ask());
  if (!found) return std::nullopt;
  return trial{desk_->topic(), found->number, found->attempt,
               actors::values_of(desk_->how().over, found->where)};
}

trial_record study::tell(const trial& which, double value) {
  return tell(which, finding{.values = {value}});
}

trial_record study::tell(const trial& which, const std::vector<double>& values) {
  return tell(which, finding{.values = values});
}

trial_record study::tell(const trial& which, const finding& found) {
  const auto objectives = desk_->how().directions.size();
  if (found.values.size() != objectives)
    throw study_error{{fault_code::usage,
                       "trial " + std::to_string(which.number) + " is told " +
                           tuner::miscount(found.values.size(), objectives),
                       "tell one for each, in their order"}};
  auto what = outcome(which);
  what.values = found.values;
  what.constraints = found.constraints;
  return actors::record_of(desk_->how().over, value_or_throw(desk_->tell(std::move(what))));
}

trial_record study::fail(const trial& which, std::string_view why) {
  auto what = outcome(which);
  what.error = why.empty() ? "told so" : why;
  return actors::record_of(desk_->how().over, value_or_throw(desk_->tell(std::move(what))));
}

void study::give_back(const trial& which) {
  value_or_throw(desk_->give_back(which.number, which.attempt));
}

verdict study::report(const trial& which, std::int64_t step, double value) {
  std::promise<result<tuner::verdict>> promise;
  auto answer = promise.get_future();
  desk_->report(which.number, which.attempt, "asked", {step, value},
                [&promise](result<tuner::verdict> what) { promise.set_value(std::move(what)); });
  return static_cast<verdict>(value_or_throw(answer.get()));
}

std::uint64_t study::enqueue(const std::map<std::string, std::string>& point) {
  std::vector<std::string> words;
  for (const auto& [name, value] : point) {
    words.push_back(name);
    words.back() += "=" + value;
  }
  auto where = value_or_throw(actors::point_in(desk_->how().over, words));
  return value_or_throw(desk_->enqueue(std::move(where)));
}

std::optional<ending> study::over() const {
  const auto why = desk_->over();
  return why ? std::optional{actors::ending_of(*why)} : std::nullopt;
}

void study::stop() { desk_->stop(); }

std::optional<trial_record> study::best() const {
  if (const auto many = desk_->how().directions.size(); many > 1)
    throw study_error{{fault_code::usage,
                       "study " + name() + " has " + std::to_string(many) +
                           " objectives, so no trial alone is the best",
                       "front() has the best ones"}};
  auto all = front();
  return all.empty() ? std::nullopt : std::optional{std::move(all.front())};
}

std::vector<trial_record> study::front() const {
  return records_of(desk_->how().over, value_or_throw(desk_->front()));
}

std::vector<trial_record> study::trials() const {
  return records_of(desk_->how().over, value_or_throw(desk_->trials()));
}

const std::string& study::name() const { return desk_->how().name; }

ending study::run(session& where, const optimize_options& how,
                  const std::function<evaluation(const trial&)>& begin) {
  return optimizing{*this, where, how, begin}.run();
}

}  // namespace fabric
