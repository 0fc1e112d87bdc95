#pragma once

#include <string>

#include "actors/dashboard/failure_limiter.hpp"
#include "actors/dashboard/host_list.hpp"
#include "actors/dashboard/request.hpp"

namespace fabric::dashboard {

struct gate_settings {
  std::string token;
  std::string cookie;  ///< the name of the cookie that holds it
  host_list hosts;
};

/// What the gate says of a request, in the order in which it looks.
enum class verdict {
  wrong_host,    ///< another name than ours
  wrong_method,  ///< not GET: nothing can be changed here
  no_token,
  wrong_token,
  too_many,  ///< wrong once more, too often in a minute
  login,     ///< GET /?token=..., and it is the right one
  pass,
};

struct judgement {
  verdict is = verdict::no_token;
  bool audit = false;  ///< worth a line; at most ten a minute for an address
};

/// Who may read. Every request passes here first, whatever it asks for.
///
/// A right token is let in even from an address that is over its limit: any page in the same
/// browser can send wrong ones to loopback, and would lock the owner out.
class gate {
 public:
  explicit gate(gate_settings how) : how_(std::move(how)) {}

  judgement judge(const request& what, instant now);

 private:
  judgement refuse(verdict why, const request& what, instant now);

  gate_settings how_;
  failure_limiter failures_;
  failure_limiter audits_;
};

}  // namespace fabric::dashboard
