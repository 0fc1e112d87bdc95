#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/head_link.hpp"
#include "actors/runtime.hpp"
#include "fabric/result.hpp"
#include "transport/message.hpp"

namespace fabric::actors {

/// A program's connection to a head, for code that may block. Calls from any thread.
class head_connection {
 public:
  /// Does not wait: the first call tells whether the head answers.
  head_connection(runtime& process, head_address where,
                  duration patience = std::chrono::seconds{60});
  ~head_connection();
  head_connection(const head_connection&) = delete;
  head_connection& operator=(const head_connection&) = delete;

  using callback = std::function<void(result<transport::message>)>;

  /// `done` is called once, on another thread.
  void call(transport::message body, callback done, duration timeout = duration{0});
  /// Blocks for the answer.
  result<transport::message> call(transport::message body, duration timeout);
  /// Blocks for the answer's JSON text. Faults: the head's, or unsupported for an unexpected
  /// answer.
  result<std::string> ask(const std::string& topic, const std::string& arguments,
                          duration timeout = std::chrono::seconds{20});
  /// What the head tells by itself; called on another thread. Also each `welcome`, and a `refused`
  /// where calling again cannot help (a key that was revoked): nothing follows that one.
  void listen(std::function<void(const transport::message&)> hear);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace fabric::actors
