#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "actors/api/object_house.hpp"
#include "actors/program/object_landing.hpp"
#include "actors/program/program_link.hpp"
#include "actors/program/side_work.hpp"
#include "scheduler/objects/fetch_book.hpp"
#include "transport/program_message.hpp"

namespace fabric::actors {

/// Objects over one program's link. What it lends is kept until the borrower has given it back or
/// is gone; what came by it and lies on another host is fetched in parts; what others ask for is
/// read out of this host's store. Files are made, read and written aside.
///
/// What overrides, and `lend`, may be called from any thread, the rest on the link's.
class object_exchange final : public detail::object_source,
                              public std::enable_shared_from_this<object_exchange> {
 public:
  object_exchange(program_id self, std::function<void()> wake);

  /// The link, as this needs it.
  struct voice {
    std::function<void(program_id to, const transport::program::message& what)> say;
    std::function<std::size_t(program_id to)> waiting_bytes;
  };
  void open(voice link) { link_ = std::move(link); }
  void open(program_link& link);
  [[nodiscard]] std::uint64_t self() const override { return self_.value; }
  [[nodiscard]] detail::object_way way_from(program_id who);

  /// What values of lent objects refer to: wanted where it is read, or at once.
  enum class inner : std::uint8_t { come_when_read, are_needed };
  /// Keeps these for the program, with what their values refer to and so on, and answers what to
  /// tell it.
  std::vector<transport::program::carried_object> lend(
      program_id to, const std::vector<detail::carried_hold>& what,
      inner objects = inner::come_when_read);
  void fetch(const detail::object_hold& what) override;
  void give_back(std::uint64_t lender, const object_id& what) override;
  void keep_spare(detail::object_hold what) override;
  void drop_spares() override;

  /// Takes up what another lends. Runs `then` when what is needed at once is here, or lost: before
  /// it returns where nothing has to be fetched. `then` is given what to keep while it unpacks.
  using references = std::vector<detail::object_hold>;
  void receive(program_id from, const std::vector<transport::program::carried_object>& what,
               std::function<void(const references&)> then);
  /// Fetches all that the program lends us: it is about to end.
  void pull(program_id from);
  /// True where others rely on this process.
  [[nodiscard]] bool has_lent() const;

  /// Whether the message was one of these.
  bool heard(program_id from, transport::program::message& what);
  void gone(program_id who);
  /// There will be no session any more. Waits for what is under way in a file.
  void lost();
  /// Whether nothing is under way in a file.
  [[nodiscard]] bool is_settled() const { return aside_.is_idle(); }
  /// Answers when it wants the next one at the latest.
  instant turn(instant now);

 private:
  using commands = objects::fetch_book::commands;
  struct fetching {
    detail::object_hold what;
    std::shared_ptr<object_landing> land = std::make_shared<object_landing>();  // used aside
    std::optional<failure> why_not{};                                           // the last one
    bool lacks_room = false;
  };

  struct spare {
    detail::object_hold what;
    instant until{};
  };

  bool post(std::function<void()> what);
  void begin(const detail::object_hold& what);
  void carry_out(const commands& what);
  void on(const objects::fetch_command::begin& what);
  void on(const objects::fetch_command::ask& what);
  void on(const objects::fetch_command::finish& what);
  void on(const objects::fetch_command::give_up& what);
  void there_is(const object_id& what, const object_landing::here& there);
  void no_room(const object_id& what, failure why);
  void landed(const object_id& what, result<objects::handle> sealed);
  void take(program_id from, transport::program::objects_returned& what);
  void take(program_id from, transport::program::object_ask& what);
  void take(program_id from, transport::program::object_part& what);
  void take(program_id, auto&) {}

  const program_id self_;
  const std::function<void()> wake_;

  mutable std::mutex mutex_;
  std::map<program_id, std::multimap<object_id, detail::object_hold>> lent_;
  std::vector<std::function<void()>> inbox_;
  std::map<object_id, spare> spares_;
  bool is_told_ = false;
  bool is_over_ = false;

  side_work aside_;

  // The link's thread's.
  voice link_;
  objects::fetch_book book_;
  std::map<object_id, fetching> fetching_;
  std::map<program_id, std::vector<std::weak_ptr<detail::object_body>>> borrowed_;
  std::map<program_id, transport::program::objects_returned> returning_;
  std::set<program_id> gone_;
  std::set<program_id> ending_;  // what they lend is fetched
};

}  // namespace fabric::actors
