#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fabric::dashboard {

/// What is looked at of an HTTP request.
struct request {
  std::string method;
  std::string path;  ///< decoded, without the query
  std::map<std::string, std::string> query;
  std::vector<std::string> hosts;  ///< every Host header
  std::string authorization;
  std::string cookies;
  std::string remote;  ///< the caller's address, numeric
  std::string local;   ///< the address that it called, numeric
};

struct reply {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace fabric::dashboard
