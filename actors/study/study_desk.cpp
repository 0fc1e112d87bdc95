#include "actors/study/study_desk.hpp"

#include <utility>

#include "actors/clock.hpp"
#include "actors/tune/opening.hpp"

namespace fabric::actors {

namespace {

namespace orders = tuner::study_command;

std::string new_topic() {
  static std::atomic<std::uint64_t> made{0};
  return "study/" + std::to_string(++made);
}

fault late(tuner::trial_number number) {
  return {fault_code::stale_attempt,
          "another tuner has trial " + std::to_string(number) + " by now", ""};
}

}  // namespace

result<std::shared_ptr<study_desk>> study_desk::open(tuner::study_settings how,
                                                     const std::string& storage,
                                                     bool load_if_exists) {
  const auto made = [](tuner::study core, std::unique_ptr<study_shelf> shelf) {
    return std::shared_ptr<study_desk>{new study_desk(std::move(core), std::move(shelf))};
  };
  auto core = tuner::study::make(how);  // what it refuses must not be stored first
  if (!core) return std::move(core).error();
  if (storage.empty()) return made(std::move(*core), make_memory_shelf(std::move(how)));
  auto opened = open_study(how, storage, load_if_exists);
  if (!opened) return std::move(opened).error();
  return made(std::move(opened->core),
              make_stored_shelf(std::move(how), std::move(opened->file), std::move(opened->self)));
}

study_desk::study_desk(tuner::study core, std::unique_ptr<study_shelf> shelf)
    : how_(core.how()),
      topic_(new_topic()),
      core_(std::move(core)),
      shelf_(std::move(shelf)),
      thread_([this] { run(); }) {}

study_desk::~study_desk() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
    wakes_.notify_all();
  }
  thread_.join();
}

// For everybody.

void study_desk::post(std::function<void()> what) {
  const std::scoped_lock lock(mutex_);
  inbox_.push_back(std::move(what));
  wakes_.notify_one();
}

template <class T, class Fn>
result<T> study_desk::wait_for(Fn begin) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto answer = promise->get_future();
  post([this, promise, begin = std::move(begin)]() mutable {
    if (broken_)
      promise->set_value(*broken_);
    else
      begin(std::move(promise));
  });
  return answer.get();
}

result<std::optional<study_desk::leased>> study_desk::ask() {
  return wait_for<std::optional<leased>>(
      [this](promised<std::optional<leased>> asker) { askers_.push_back(std::move(asker)); });
}

result<tuner::trial> study_desk::tell(tuner::study_event::told what) {
  return wait_for<tuner::trial>([this, what = std::move(what)](promised<tuner::trial> teller) {
    tellers_.emplace(what.number, std::move(teller));
    events_.emplace_back(what);
  });
}

result<void> study_desk::give_back(tuner::trial_number number, std::uint32_t attempt) {
  auto done = wait_for<bool>([this, number, attempt](const promised<bool>& promise) {
    events_.emplace_back(tuner::study_event::vanished{number, attempt});
    advance();
    if (broken_)
      promise->set_value(*broken_);
    else
      promise->set_value(true);
  });
  if (!done) return std::move(done).error();
  return {};
}

void study_desk::report(tuner::trial_number number, std::uint32_t attempt, std::string run,
                        tuner::trial_report what,
                        std::function<void(result<tuner::verdict>)> done) {
  post([this, number, attempt, run = std::move(run), what, done = std::move(done)] {
    if (broken_) return done(*broken_);
    reporters_.emplace(++tickets_, reporter{number, done});
    events_.emplace_back(tuner::study_event::reported{number, attempt, run, what, tickets_});
  });
}

result<tuner::trial_number> study_desk::enqueue(tuner::point where) {
  return wait_for<tuner::trial_number>(
      [this, where = std::move(where)](const promised<tuner::trial_number>& promise) {
        promise->set_value(shelf_->enqueue(where, events_));
      });
}

result<void> study_desk::limit(std::optional<std::uint64_t> more) {
  auto done = wait_for<bool>([this, more](const promised<bool>& promise) {
    over_ = -1;
    events_.emplace_back(tuner::study_event::limited{more});
    promise->set_value(true);
  });
  if (!done) return std::move(done).error();
  return {};
}

void study_desk::stop() {
  post([this] { events_.emplace_back(tuner::study_event::stop_requested{}); });
}

std::optional<study_desk::reason> study_desk::over() const {
  const int why = over_;
  return why < 0 ? std::nullopt : std::optional{static_cast<reason>(why)};
}

result<std::vector<tuner::trial>> study_desk::front() {
  return wait_for<std::vector<tuner::trial>>(
      [this](const promised<std::vector<tuner::trial>>& promise) {
        promise->set_value(core_.front());
      });
}

result<std::vector<tuner::trial>> study_desk::trials() {
  return wait_for<std::vector<tuner::trial>>(
      [this](const promised<std::vector<tuner::trial>>& promise) {
        promise->set_value(shelf_->trials());
      });
}

// On the study's thread.

void study_desk::run() {
  const auto period = shelf_->period();
  for (;;) {
    std::deque<std::function<void()>> taken;
    {
      std::unique_lock lock(mutex_);
      const auto is_due = [&] { return ends_ || !inbox_.empty(); };
      if (period == duration::max())
        wakes_.wait(lock, is_due);
      else
        wakes_.wait_for(lock, period, is_due);
      taken.swap(inbox_);
      if (taken.empty() && ends_) break;
    }
    for (auto& each : taken) each();
    if (period != duration::max() && now() >= next_look_) {
      next_look_ = now() + period;
      look();
    }
    advance();
    answer_askers();
  }
  give_up({fault_code::cancelled, "the study was closed", ""});
  shelf_.reset();
}

void study_desk::look() {
  if (broken_) return;
  if (auto looked = shelf_->look(now(), core_.awaited(), events_);
      !looked && advice_of(looked.error().code) == retry_advice::never)
    give_up(looked.error());
}

/// Steps the study with all that waits, and with what the storing of that brings.
void study_desk::advance() {
  if (broken_) return;
  const auto wanted = askers_.size() - std::min(askers_.size(), ready_.size());
  if (wanted > 0)
    events_.emplace_back(tuner::study_event::asked{static_cast<std::uint32_t>(wanted)});
  while (!events_.empty() && !broken_) {
    step_batch batch;
    while (!events_.empty()) {
      const auto what = std::move(events_.front());
      events_.pop_front();
      batch.add(core_.step(what, wall_ms()));
    }
    settle(batch);
  }
}

void study_desk::settle(step_batch& batch) {
  batch_answer answer;
  if (batch.has_rows()) {
    auto written = shelf_->write(batch);
    if (!written) return give_up(written.error());
    answer = std::move(*written);
  }
  auto found = verdict_on(batch, answer);
  for (auto& command : batch.commands)
    std::visit([&](auto& order) { perform(order, found); }, command);
  if (found.has_news()) events_.emplace_front(std::move(found.news));
}

void study_desk::perform(orders::answered& what, const batch_verdict& found) {
  const auto asked = reporters_.extract(what.ticket);
  auto& by = asked.mapped();
  if (found.reported_in_vain.contains(by.trial)) what.what = late(by.trial);
  by.done(std::move(what.what));
}

void study_desk::perform(orders::evaluate& what, const batch_verdict& found) {
  if (found.not_ours.contains(what.number)) return;
  const auto moved = found.moved.find(what.number);
  ready_.push_back({moved == found.moved.end() ? what.number : moved->second, what.attempt,
                    std::move(what.where)});
}

void study_desk::perform(orders::refused& what, const batch_verdict&) {
  const auto teller = tellers_.find(what.number);
  if (teller == tellers_.end()) return;
  teller->second->set_value(fault{fault_code::stale_attempt, what.why, "a trial is told once"});
  tellers_.erase(teller);
}

void study_desk::perform(orders::finished& what, const batch_verdict& found) {
  const auto teller = tellers_.find(what.row.number);
  if (teller == tellers_.end()) return;
  if (found.not_ours.contains(what.row.number))
    teller->second->set_value(late(what.row.number));
  else
    teller->second->set_value(std::move(what.row));
  tellers_.erase(teller);
}

/// The study takes it back where a result was not recorded, and says it again when it is so.
void study_desk::perform(orders::done& what, const batch_verdict& found) {
  if (found.news.unrecorded.empty()) over_ = static_cast<int>(what.because);
}

void study_desk::answer_askers() {
  for (; !askers_.empty(); askers_.pop_front()) {
    if (ready_.empty()) {
      askers_.front()->set_value(std::optional<leased>{});
      continue;
    }
    askers_.front()->set_value(std::optional{std::move(ready_.front())});
    ready_.pop_front();
  }
}

/// What is not stored is not done: who waits hears why, and so does whoever comes.
void study_desk::give_up(const fault& why) {
  broken_ = why;
  for (auto& each : std::exchange(askers_, {})) each->set_value(why);
  for (auto& [number, each] : std::exchange(tellers_, {})) each->set_value(why);
  for (auto& [ticket, each] : std::exchange(reporters_, {})) each.done(why);
}

}  // namespace fabric::actors
