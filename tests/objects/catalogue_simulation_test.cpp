#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "scheduler/objects/catalogue.hpp"
#include "tests/objects/page.hpp"
#include "tests/objects/table_memory.hpp"

namespace fabric::objects {
namespace {

constexpr std::uint64_t memory_pages = 10;
constexpr std::uint64_t disk_pages = 8;

struct killed {};

/// What one process knows by itself, and loses when it is killed.
struct process {
  row_index party = no_row;
  std::int32_t pid = 0;
  bool lives = true;
  std::map<std::uint64_t, std::pair<object_ref, hold_count>> holds;  // by serial
  std::map<std::uint64_t, place> seen_at;                            // of what it has mapped
  std::vector<object_ref> filling;
  std::vector<copy_first> copies;
  std::vector<chore> chores;
};

/// Some processes at one catalogue, each of which may be killed at each store. Files are a set.
class world {
 public:
  explicit world(std::uint64_t seed) : chance_(seed) {
    EXPECT_TRUE(book_.rebuild());
    for (int i = 0; i < 4; ++i) {
      crowd_.emplace_back();
      join(crowd_.back());
    }
  }

  void turn() {
    now_ += duration{1 + static_cast<std::int64_t>(below(1000))};
    auto& who = crowd_[below(crowd_.size())];
    if (!who.lives) return replace(who);
    // Most acts store less often than this, so most survive.
    steps_left_ = below(8) == 0 ? static_cast<int>(below(14)) : -1;
    try {
      act(who);
    } catch (const killed&) {
      who.lives = false;
      steps_left_ = -1;
      ASSERT_TRUE(book_.rebuild());
    }
    steps_left_ = -1;
  }

  void check() {
    ASSERT_EQ(book_.contradiction(), std::nullopt);
    const auto used = book_.usage();
    ASSERT_LE(used.memory_bytes, memory_pages * page);
    ASSERT_LE(used.disk_bytes, disk_pages * page);
    std::set<std::uint64_t> serials;
    for (row_index i = 0; i < book_.rows().head->objects_used; ++i) {
      const auto& row = book_.rows().objects[i];
      const auto status = status_of(row);
      if (status.is == phase::empty) continue;
      serials.insert(row.serial);
      if (status.is == phase::sealed || status.is == phase::dropped) {
        ASSERT_TRUE(files_.count({row.serial, status.where})) << "lost file of " << row.serial;
      }
    }
    for (const auto& [serial, where] : files_)
      ASSERT_TRUE(serials.count(serial)) << "file without object " << serial;
    for (const auto& who : crowd_)
      if (who.lives) check_holds(who);
    for (const auto& [pin, serial] : pins_) check_pin(pin.first, pin.second, serial);
  }

  /// Everybody dies, every pin ends: nothing is left.
  void end() {
    for (auto& who : crowd_) who.lives = false;
    replace(crowd_.front());
    for (const auto& [pin, serial] : pins_) book_.unpin(pin.first, pin.second, now_);
    pins_.clear();
    sweep();
    drain(crowd_.front());
    EXPECT_EQ(book_.usage().objects, 0U);
    EXPECT_EQ(book_.usage().memory_bytes + book_.usage().disk_bytes, 0U);
    EXPECT_TRUE(files_.empty());
    EXPECT_EQ(book_.contradiction(), std::nullopt);
  }

  int kills = 0;
  int spills = 0;
  int restores = 0;
  int full = 0;

 private:
  std::size_t below(std::size_t bound) { return chance_() % bound; }
  object_id some_id() { return {0, below(9)}; }
  room space() {
    return {memory_pages * page, below(4) == 0 ? 6 * page : 1000 * page, disk_pages * page,
            1000 * page};
  }

  void join(process& who) {
    who = {};
    who.pid = next_pid_++;
    auto party = book_.attach(who.pid, static_cast<std::uint64_t>(who.pid));
    if (!party) {
      sweep();
      party = book_.attach(who.pid, static_cast<std::uint64_t>(who.pid));
    }
    ASSERT_TRUE(party.has_value());
    who.party = *party;
  }
  void replace(process& who) {
    ++kills;
    if (below(2) == 0) sweep();
    join(who);
  }

  void sweep() {
    std::vector<row_index> gone;
    for (const auto& one : book_.processes()) {
      bool lives = false;
      for (const auto& who : crowd_) lives = lives || (who.lives && who.pid == one.pid);
      if (!lives) gone.push_back(one.party);
    }
    book_.bury(gone, now_);
  }

  void act(process& who) {
    switch (below(12)) {
      case 0:
      case 1: return create(who);
      case 2: return finish_filling(who);
      case 3:
      case 4: return map(who);
      case 5:
      case 6: return release(who);
      case 7: return finish_copy(who);
      case 8: return work(who);
      case 9: return pin(who);
      case 10: return below(6) == 0 ? drop() : sweep();
      default: return hold(who);
    }
  }

  void start_copy(process& who, const copy_first& copy) {
    ++(copy.from == place::memory ? spills : restores);
    who.copies.push_back(copy);
    if (below(3) != 0) files_.insert({copy.what.serial, other(copy.from)});
  }
  void create(process& who) {
    const auto answer = book_.create({some_id(), below(4 * page)}, who.party, space());
    if (const auto* copy = std::get_if<copy_first>(&answer)) return start_copy(who, *copy);
    if (const auto* is = std::get_if<created>(&answer)) {
      files_.insert({is->what.serial, is->where});
      note(who, is->what).handles++;
      who.filling.push_back(is->what);
    } else if (std::get<refusal>(answer) == refusal::full) {
      ++full;
    }
  }
  void finish_filling(process& who) {
    if (who.filling.empty()) return;
    const auto what = who.filling.back();
    who.filling.pop_back();
    if (below(3) != 0) {
      ASSERT_TRUE(book_.seal(what, who.party, now_));
    } else {
      who.holds.erase(what.serial);
      book_.abandon(what, now_);
    }
  }
  void map(process& who) {
    const auto may = below(4) == 0 ? restoring::refused : restoring::allowed;
    const auto answer = book_.map(some_id(), who.party, space(), may);
    if (const auto* copy = std::get_if<copy_first>(&answer)) return start_copy(who, *copy);
    if (const auto* is = std::get_if<found>(&answer)) {
      note(who, is->what).views++;
      const auto seen = who.seen_at.emplace(is->what.serial, is->where).first;
      ASSERT_EQ(seen->second, is->where) << "moved while mapped";
    }
  }
  void hold(process& who) {
    const auto answer = book_.hold(some_id(), who.party);
    if (const auto* is = std::get_if<found>(&answer)) note(who, is->what).handles++;
  }
  hold_count& note(process& who, object_ref what) {
    auto& one = who.holds[what.serial];
    one.first = what;
    return one.second;
  }
  void release(process& who) {
    if (who.holds.empty()) return;
    auto at = who.holds.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(who.holds.size())));
    auto& [what, count] = at->second;
    for (const auto& one : who.filling)
      if (one == what) return;
    const auto which = count.views > 0 ? hold_kind::view : hold_kind::handle;
    --(which == hold_kind::view ? count.views : count.handles);
    if (count.views == 0) who.seen_at.erase(what.serial);
    const auto ref = what;
    if (count == hold_count{}) who.holds.erase(at);
    book_.release(ref, who.party, which, now_);
  }
  void finish_copy(process& who) {
    if (who.copies.empty()) return;
    const auto copy = who.copies.back();
    who.copies.pop_back();
    const bool is_written = files_.count({copy.what.serial, other(copy.from)}) != 0;
    const bool well = is_written && below(4) != 0;
    book_.copied(copy.what, well ? copy_outcome::complete : copy_outcome::failed, now_);
  }
  void work(process& who) {
    if (who.chores.empty()) {
      if (const auto one = book_.take_chore(who.party)) who.chores.push_back(*one);
      return;
    }
    const auto one = who.chores.back();
    who.chores.pop_back();
    files_.erase({one.what.serial, one.where});
    book_.chore_done(one.what, who.party, now_);
  }
  void drain(process& who) {
    while (const auto one = book_.take_chore(who.party)) {
      files_.erase({one->what.serial, one->where});
      book_.chore_done(one->what, who.party, now_);
    }
  }
  /// Pins are not killed half-way: whether one took place could not be told from outside.
  void pin(process&) {
    steps_left_ = -1;
    const auto id = some_id();
    const auto name = std::string(1, static_cast<char>('a' + below(3)));
    if (below(2) == 0) {
      const auto answer = book_.pin(id, name);
      if (const auto* is = std::get_if<found>(&answer)) pins_[{id, name}] = is->what.serial;
    } else if (book_.unpin(id, name, now_)) {
      pins_.erase({id, name});
    }
  }
  void drop() {
    const auto id = some_id();
    const auto there = book_.look(id);
    const auto* is = std::get_if<found>(&there);
    if (is == nullptr) return;
    for (auto& who : crowd_) {
      const auto at = who.holds.find(is->what.serial);
      if (at == who.holds.end()) continue;
      if (at->second.second.views == 0) who.holds.erase(at);
    }
    std::erase_if(pins_, [&](const auto& pin) { return pin.second == is->what.serial; });
    steps_left_ = -1;
    book_.drop(id, now_);
    dropped_.insert(is->what.serial);
  }

  void check_holds(const process& who) {
    for (const auto& [serial, one] : who.holds) {
      const auto& [what, count] = one;
      // Handles do not keep what was dropped.
      if (dropped_.count(serial) != 0 && count.views == 0) continue;
      const auto& row = book_.rows().objects[what.row];
      ASSERT_EQ(row.serial, serial);
      ASSERT_TRUE(status_of(row).is != phase::empty && status_of(row).is != phase::doomed)
          << "freed while held";
      if (count.views > 0) {
        ASSERT_EQ(status_of(row).where, who.seen_at.at(serial));
      }
      if (!dropped_.count(serial)) {
        ASSERT_EQ(count_in_book(what, who.party), count);
      }
    }
  }
  hold_count count_in_book(object_ref what, row_index party) {
    for (row_index i = 0; i < book_.rows().head->holds_used; ++i) {
      const auto& row = book_.rows().holds[i];
      if (row.serial == what.serial && row.party == party && count_of(row) != hold_count{})
        return count_of(row);
    }
    return {};
  }
  void check_pin(const object_id& id, const std::string& name, std::uint64_t serial) {
    // An object that is being filled may be pinned; it goes if its filler does.
    const auto there = book_.look(id);
    if (const auto* is = std::get_if<found>(&there)) {
      if (is->what.serial == serial) {
        const auto again = book_.pin(id, name);
        ASSERT_TRUE(std::holds_alternative<found>(again));
        ASSERT_EQ(book_.contradiction(), std::nullopt);
      }
    }
  }

  std::mt19937_64 chance_;
  table_memory memory_{{12, 24, 12, 8}};
  int steps_left_ = -1;
  catalogue::probe step_ = [this] {
    if (steps_left_ >= 0 && steps_left_-- == 0) throw killed{};
  };
  catalogue book_{memory_.rows(), &step_};
  std::vector<process> crowd_;
  std::set<std::pair<std::uint64_t, place>> files_;
  std::map<std::pair<object_id, std::string>, std::uint64_t> pins_;
  std::set<std::uint64_t> dropped_;
  instant now_{};
  std::int32_t next_pid_ = 1;
};

TEST(CatalogueSimulation, KeepsItsWordHoweverOftenProcessesAreKilled) {
  int kills = 0;
  int spills = 0;
  int restores = 0;
  int full = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    world all{seed};
    for (int i = 0; i < 400; ++i) {
      all.turn();
      all.check();
      if (testing::Test::HasFatalFailure()) FAIL() << "turn " << i;
    }
    all.end();
    if (testing::Test::HasFailure()) FAIL();
    kills += all.kills, spills += all.spills, restores += all.restores, full += all.full;
  }
  // Otherwise nothing would have been shown.
  EXPECT_GT(kills, 1000);
  EXPECT_GT(spills, 500);
  EXPECT_GT(restores, 100);
  EXPECT_GT(full, 100);
}

}  // namespace
}  // namespace fabric::objects
