#include "actors/study/optimizing.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "actors/study/point_values.hpp"
#include "actors/study/study_note.hpp"

namespace fabric {

namespace {

using std::chrono::steady_clock;

/// How long to wait for news where others have the last points, or a call waits for a worker.
constexpr auto patience = std::chrono::milliseconds{50};

/// Such a call would fail for every point.
bool is_hopeless(error_kind kind) {
  switch (kind) {
    case error_kind::unknown_function:
    case error_kind::bad_arguments:
    case error_kind::session_closed:
    case error_kind::infeasible:
    case error_kind::usage:
    case error_kind::unsupported: return true;
    default: return false;
  }
}

steady_clock::time_point end_of(std::chrono::nanoseconds time) {
  return time.count() == 0 ? steady_clock::time_point::max() : steady_clock::now() + time;
}

}  // namespace

ending actors::ending_of(study_desk::reason why) {
  using reason = study_desk::reason;
  switch (why) {
    case reason::exhausted: return ending::exhausted;
    case reason::trials_reached: return ending::trials_reached;
    case reason::value_reached: return ending::value_reached;
    case reason::no_improvement: return ending::no_improvement;
    case reason::stopped: break;
  }
  return ending::stopped;
}

optimizing::optimizing(study& of, session& where, const optimize_options& how, const begin& start)
    : of_(of),
      where_(where),
      how_(how),
      start_(start),
      end_(end_of(how.time)),
      values_(of.desk_->how().directions.size()) {
  const auto limited =
      of_.desk_->limit(how_.trials == 0 ? std::nullopt : std::optional{how_.trials});
  if (!limited) throw study_error{limited.error()};
  where_.desk()->notes().take(
      of_.desk_->topic(),
      [desk = of_.desk_](const std::string& body, const detail::note_board::answer& done) {
        const auto note = actors::note_in(body);
        if (!note) return done(note.error());
        desk->report(note->number, note->attempt, note->run, {note->step, note->value},
                     [done](const result<tuner::verdict>& what) {
                       if (!what) return done(what.error());
                       done(actors::answer_of(static_cast<verdict>(*what)));
                     });
      });
}

optimizing::~optimizing() {
  call_off();
  where_.desk()->notes().drop(of_.desk_->topic());
}

ending optimizing::run() {
  for (;;) {
    while (may_begin() && begin_one()) {
    }
    if (running_.empty()) {
      if (steady_clock::now() >= end_) return ending::time_over;
      if (const auto why = of_.over()) return *why;
    }
    if (const auto ticket = next_ended(patience)) take_ended(*ticket);
  }
}

bool optimizing::may_begin() const {
  if (steady_clock::now() >= end_ || of_.over()) return false;
  if (how_.parallel > 0) return running_.size() < how_.parallel;
  if (running_.size() < std::max(1U, std::thread::hardware_concurrency())) return true;
  return std::ranges::none_of(running_, [](const auto& one) {
    const auto status = one.second.call.status();
    return status == call_status::queued || status == call_status::waiting;
  });
}

/// False where there is no point now.
bool optimizing::begin_one() {
  auto point = of_.ask();
  if (!point) return false;
  const auto ticket = ++tickets_;
  try {
    auto call = start_(*point);
    auto* state = call.call.state();
    running_.emplace(ticket, in_flight{*std::move(point), std::move(call)});
    state->on_done(detail::make_callback([ended = ended_, ticket] {
      const std::scoped_lock lock(ended->mutex);
      ended->tickets.push_back(ticket);
      ended->come.notify_one();
    }));
  } catch (...) {
    of_.give_back(*point);
    throw;
  }
  return true;
}

std::optional<std::uint64_t> optimizing::next_ended(std::chrono::nanoseconds at_most) {
  std::unique_lock lock(ended_->mutex);
  if (!ended_->come.wait_for(lock, at_most, [&] { return !ended_->tickets.empty(); }))
    return std::nullopt;
  const auto ticket = ended_->tickets.front();
  ended_->tickets.pop_front();
  return ticket;
}

void optimizing::take_ended(std::uint64_t ticket) {
  const auto one = std::move(running_.extract(ticket).mapped());
  tuner::study_event::told what{.number = one.which.number, .attempt = one.which.attempt};
  what.node = what.host = one.call.node();
  try {
    auto found = one.call.found();
    what.values = std::move(found.values);
    what.constraints = std::move(found.constraints);
  } catch (const error& why) {
    return failed(one, why);
  }
  if (values_.shows_mistake(what.values.size())) refuse(one, what.values.size());
  tell(std::move(what));
}

/// Every point would come to nothing in the same way.
void optimizing::refuse(const in_flight& one, std::size_t values) {
  of_.give_back(one.which);
  throw study_error{{fault_code::usage,
                     "the objective answers " +
                         tuner::miscount(values, of_.desk_->how().directions.size()) +
                         " of study " + of_.name(),
                     "answer one for each, in the order of study_options::directions"}};
}

void optimizing::failed(const in_flight& one, const error& why) {
  if (is_hopeless(why.kind())) {
    of_.give_back(one.which);
    throw;
  }
  if (why.kind() == error_kind::lost || why.kind() == error_kind::cancelled)
    return of_.give_back(one.which);
  tuner::study_event::told what{.number = one.which.number, .attempt = one.which.attempt};
  what.node = what.host = why.node();
  what.error = why.message().empty() ? std::string{name_of(why.kind())} : why.message();
  tell(std::move(what));
}

/// What came too late for its point is nobody's loss: another attempt has it.
void optimizing::tell(tuner::study_event::told what) {
  auto row = of_.desk_->tell(std::move(what));
  if (!row && row.error().code == fault_code::stale_attempt) return;
  if (!row) throw study_error{std::move(row).error()};
  if (how_.on_trial) how_.on_trial(actors::record_of(of_.desk_->how().over, *row));
}

void optimizing::call_off() {
  for (const auto& [ticket, one] : running_) one.call.call.state()->cancel(false);
  for (const auto& [ticket, one] : running_) {
    one.call.call.state()->wait(std::chrono::nanoseconds{-1});
    // Where even that cannot be stored, the point is handed out again by whoever loads the study.
    static_cast<void>(of_.desk_->give_back(one.which.number, one.which.attempt));
  }
  running_.clear();
}

}  // namespace fabric
