#include "actors/objects/attachment.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "actors/objects/full_store.hpp"
#include "actors/objects/opening.hpp"
#include "actors/spawner/clocks.hpp"

namespace fabric::objects {

namespace {

using spawner::boot_now;

/// The dead are looked for before anything goes to disk, but not for each of many small objects.
constexpr std::int64_t sweep_pause_us = 100'000;

/// Other users of the disk keep this part of it, as long as nobody sets a limit.
constexpr std::uint64_t disk_part_left = 20;

}  // namespace

attachment::attachment(const store_options& how, shared_index index, unique_fd memory,
                       unique_fd disk)
    : births_(how.births),
      step_(how.step),
      index_(std::move(index)),
      memory_(std::move(memory)),
      disk_(std::move(disk)),
      pid_(::getpid()) {
  if (step_) index_.set_probe(&step_);
}

result<std::shared_ptr<attachment>> attachment::open(const store_options& how) {
  auto parts = open_parts(how);
  if (!parts) return parts.error();
  std::shared_ptr<attachment> made(new attachment(
      how, std::move(parts->index), std::move(parts->memory), std::move(parts->disk)));
  if (auto joined = made->join(how); !joined) return joined.error();
  return made;
}

result<void> attachment::join(const store_options& how) {
  if (auto good = index_.inspect(); !good) return good;
  const auto born = births_(pid_);
  if (!born) return born.error();
  if (!*born)
    return fault{fault_code::config, "this process cannot see itself in /proc", "mount /proc"};
  if (index_.is_ours_alone()) {
    if (auto buried = bury_all_others(); !buried) return buried.error();
    if (how.left_by_the_dead == leftovers::removed)
      if (auto done = act([](catalogue& book) { book.drop_all(boot_now()); }); !done) return done;
  } else if (auto swept = sweep(); !swept) {
    return swept.error();
  }
  std::optional<row_index> party;
  auto done = act([&](catalogue& book) { party = book.attach(pid_, **born); });
  if (!done) return done;
  if (!party) return refused(refusal::no_party, {}, 0);
  self_ = *party;
  do_chores();
  return {};
}

attachment::~attachment() {
  if (self_ == no_row || ::getpid() != pid_) return;
  // In two steps, so that the files that nobody needs now have an owner while they are removed.
  if (!act([this](catalogue& book) { book.empty_hands({self_}, boot_now()); })) return;
  do_chores();
  const auto left = act([this](catalogue& book) { book.bury({self_}, boot_now()); });
  if (left) index_.announce_change();
}

result<void> attachment::check_process() const {
  if (::getpid() == pid_) return {};
  return fault{fault_code::usage, "the object store was opened by the parent of this process",
               "open it in this process too"};
}

result<void> attachment::act(const std::function<void(catalogue&)>& what) {
  if (auto ours = check_process(); !ours) return ours;
  return index_.locked([&](catalogue& book) {
    what(book);
    has_chores_ = book.has_chores();
  });
}

const unique_fd& attachment::folder(place where) const {
  return where == place::memory ? memory_ : disk_;
}

void attachment::step() const {
  if (step_) step_();
}

room attachment::measure(disk_use use) const {
  room space{limits().memory_max, space_of(memory_).free, limits().disk_max, 0};
  if (use == disk_use::none) return space;
  const auto disk = space_of(disk_);
  const auto kept = limits().disk_max < no_disk_limit ? 0 : disk.size / disk_part_left;
  space.disk_free = disk.free - std::min(disk.free, kept);
  return space;
}

result<attachment::new_file> attachment::create(const object_id& id, std::uint64_t size) {
  if (size > object_bytes_max)
    return fault{fault_code::too_large, "an object of " + bytes_text(size) + " is too large",
                 "split it: " + bytes_text(object_bytes_max) + " are the most"};
  const auto since_sweep = boot_now().time_since_epoch().count() - swept_us_;
  bool is_swept = false;
  std::optional<fault> disk_fault;
  for (;;) {
    // Before anything moves to disk, the dead give back what they held.
    const bool may_use_disk = !disk_fault && (is_swept || since_sweep < sweep_pause_us);
    const auto space = measure(may_use_disk ? disk_use::all : disk_use::none);
    create_answer answer;
    auto done = act([&](catalogue& book) { answer = book.create({id, size}, self_, space); });
    if (!done) return done.error();
    if (const auto* made = std::get_if<created>(&answer)) {
      auto file = make_created(*made, size);
      if (file || disk_fault || made->where == place::memory) return file;
      disk_fault = file.error();
    } else if (const auto* spill = std::get_if<copy_first>(&answer)) {
      if (auto copied = copy(*spill); !copied) disk_fault = copied.error();
    } else if (is_swept) {
      const auto why = std::get<refusal>(answer);
      const bool is_disk_broken = disk_fault && disk_fault->code != fault_code::store_full;
      return why == refusal::full && is_disk_broken ? *disk_fault : refused(why, id, size);
    } else {
      if (auto swept = sweep(); !swept) return swept.error();
      is_swept = true;
    }
  }
}

result<attachment::new_file> attachment::make_created(const created& made, std::uint64_t size) {
  auto file = make_file(folder(made.where), made.what.serial, size);
  step();
  // The disk has no writer as fast as memory: its space is taken at once.
  if (file && made.where == place::disk)
    if (auto reserved = reserve(*file, size); !reserved) file = reserved.error();
  if (file) return new_file{made.what, made.where, std::move(*file)};
  abandon(made.what);
  return file.error();
}

bool attachment::relieve() {
  std::optional<copy_first> spill;
  const auto space = measure(disk_use::all);
  const auto done = act([&](catalogue& book) { spill = book.spill_one(self_, space); });
  return done && spill && copy(*spill);
}

result<void> attachment::copy(const copy_first& what) {
  auto written = write_copy(what);
  const auto how = written ? copy_outcome::complete : copy_outcome::failed;
  step();
  auto done = act([&](catalogue& book) { book.copied(what.what, how, boot_now()); });
  do_chores();
  return done ? written : done;
}

result<void> attachment::write_copy(const copy_first& what) {
  const auto from = open_file(folder(what.from), what.what.serial);
  if (!from) return from.error();
  const auto to = make_file(folder(other(what.from)), what.what.serial, what.size);
  if (!to) return to.error();
  step();
  if (auto reserved = reserve(*to, what.size); !reserved) return reserved;
  if (auto copied = copy_bytes(*from, *to, what.size); !copied) return copied;
  make_read_only(*to);
  return {};
}

/// Files are removed without the lock, since giving back a gigabyte takes the kernel a while.
void attachment::do_chores() {
  while (has_chores_) {
    std::optional<chore> one;
    if (!act([&](catalogue& book) { one = book.take_chore(self_); }) || !one) return;
    step();
    remove_file(folder(one->where), one->what.serial);
    step();
    if (!act([&](catalogue& book) { book.chore_done(one->what, self_, boot_now()); })) return;
  }
}

result<void> attachment::seal(object_ref what) {
  bool is_sealed = false;
  auto done = act([&](catalogue& book) { is_sealed = book.seal(what, self_, boot_now()); });
  if (!done) return done;
  if (!is_sealed)
    return fault{fault_code::not_found, "the object was given up while it was being filled",
                 "put it again"};
  index_.announce_change();
  return {};
}

void attachment::abandon(object_ref what) {
  if (!act([&](catalogue& book) { book.abandon(what, boot_now()); })) return;
  do_chores();
  index_.announce_change();
}

result<std::optional<attachment::mapped>> attachment::map(const object_id& id, miss& why) {
  auto may = restoring::allowed;
  for (;;) {
    const auto space = measure(disk_use::none);
    map_answer answer;
    auto done = act([&](catalogue& book) { answer = book.map(id, self_, space, may); });
    if (!done) return done.error();
    if (const auto* not_there = std::get_if<miss>(&answer)) {
      why = *not_there;
      return std::optional<mapped>{};
    }
    if (const auto* why_not = std::get_if<refusal>(&answer)) return refused(*why_not, id, 0);
    if (const auto* back = std::get_if<copy_first>(&answer)) {
      // Where the copy does not succeed, the object is read where it lies.
      may = restoring::refused;
      if (const auto copied = copy(*back); !copied && !check_process()) return copied.error();
      continue;
    }
    const auto& there = std::get<found>(answer);
    const auto file = open_file(folder(there.where), there.what.serial);
    auto bytes = file ? mapping::of(*file, there.size, mapping::access::read)
                      : result<mapping>{file.error()};
    if (bytes) return std::optional{mapped{there.what, there.where, std::move(*bytes)}};
    release(there.what, hold_kind::view);
    return bytes.error();
  }
}

result<void> attachment::await_change(std::uint32_t seen, std::chrono::milliseconds patience) {
  if (auto ours = check_process(); !ours) return ours;
  index_.await_change(seen, patience);
  return {};
}

result<hold_answer> attachment::hold(const object_id& id) {
  hold_answer answer;
  auto done = act([&](catalogue& book) { answer = book.hold(id, self_); });
  if (!done) return done.error();
  return answer;
}

void attachment::release(object_ref what, hold_kind which) {
  if (act([&](catalogue& book) { book.release(what, self_, which, boot_now()); })) do_chores();
}

result<hold_answer> attachment::pin(const object_id& id, const std::string& name) {
  hold_answer answer;
  auto done = act([&](catalogue& book) { answer = book.pin(id, name); });
  if (!done) return done.error();
  return answer;
}

result<bool> attachment::unpin(const object_id& id, const std::string& name) {
  bool was_pinned = false;
  auto done = act([&](catalogue& book) { was_pinned = book.unpin(id, name, boot_now()); });
  if (!done) return done.error();
  do_chores();
  return was_pinned;
}

result<bool> attachment::drop(const object_id& id) {
  bool was_there = false;
  auto done = act([&](catalogue& book) { was_there = book.drop(id, boot_now()); });
  if (!done) return done.error();
  do_chores();
  return was_there;
}

result<hold_answer> attachment::look(const object_id& id) {
  hold_answer answer;
  auto done = act([&](catalogue& book) { answer = book.look(id); });
  if (!done) return done.error();
  return answer;
}

result<catalogue_usage> attachment::usage() {
  catalogue_usage used;
  auto done = act([&](catalogue& book) { used = book.usage(); });
  if (!done) return done.error();
  return used;
}

result<std::size_t> attachment::bury_all_others() {
  std::vector<row_index> gone;
  auto done = act([&](catalogue& book) {
    for (const auto& one : book.processes())
      if (one.party != self_) gone.push_back(one.party);
    book.bury(gone, boot_now());
  });
  if (!done) return done.error();
  return gone.size();
}

result<std::size_t> attachment::sweep() {
  swept_us_ = boot_now().time_since_epoch().count();
  std::vector<process_party> known;
  if (auto done = act([&](catalogue& book) { known = book.processes(); }); !done)
    return done.error();
  // /proc is read without the lock, so a row may be another's by the time the lock is back.
  std::erase_if(known, [this](const auto& one) {
    if (one.party == self_) return true;
    const auto born = births_(one.pid);
    return !born || *born == one.born;
  });
  std::vector<row_index> gone;
  auto done = act([&](catalogue& book) {
    for (const auto& now : book.processes())
      for (const auto& dead : known)
        if (now.party == dead.party && now.pid == dead.pid && now.born == dead.born)
          gone.push_back(now.party);
    book.bury(gone, boot_now());
  });
  if (!done) return done.error();
  do_chores();
  if (!gone.empty()) index_.announce_change();
  return gone.size();
}

object_id attachment::name() const {
  return parse_object_id(index_.facts().spill_name.data()).value_or(object_id{});
}

fault attachment::full(std::uint64_t size) {
  const auto used = usage();
  if (!used) return used.error();
  return full_store(size, *used, limits(), measure(disk_use::all));
}

fault attachment::refused(refusal why, const object_id& id, std::uint64_t size) {
  return why == refusal::full ? full(size) : fault_of(why, id);
}

}  // namespace fabric::objects
