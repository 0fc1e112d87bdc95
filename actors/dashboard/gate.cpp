#include "actors/dashboard/gate.hpp"

#include "actors/dashboard/credential.hpp"

namespace fabric::dashboard {

judgement gate::judge(const request& what, instant now) {
  if (what.hosts.size() != 1 || !how_.hosts.admits(what.hosts.front(), what.local))
    return refuse(verdict::wrong_host, what, now);
  if (what.method != "GET") return {verdict::wrong_method};

  const auto in_link = what.path == "/" ? what.query.find("token") : what.query.end();
  const bool is_login = in_link != what.query.end();
  auto given = bearer_in(what.authorization);
  if (!given) given = cookie_named(what.cookies, how_.cookie);
  if (is_login) given = in_link->second;

  if (!given) return {verdict::no_token};
  if (is_same_secret(*given, how_.token))
    return {is_login ? verdict::login : verdict::pass, is_login};
  return refuse(failures_.take(what.remote, now) ? verdict::wrong_token : verdict::too_many, what,
                now);
}

judgement gate::refuse(verdict why, const request& what, instant now) {
  return {why, audits_.take(what.remote, now)};
}

}  // namespace fabric::dashboard
