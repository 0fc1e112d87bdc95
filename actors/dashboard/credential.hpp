#pragma once

#include <optional>
#include <string_view>

/// Where a request may carry its token.
namespace fabric::dashboard {

/// The value of a cookie in a Cookie header ("a=1; b=2"); the first, where there are several.
std::optional<std::string_view> cookie_named(std::string_view header, std::string_view name);

/// The word after "Bearer" in an Authorization header.
std::optional<std::string_view> bearer_in(std::string_view header);

/// Takes the same time wherever they differ. A token's length is no secret.
bool is_same_secret(std::string_view a, std::string_view b);

}  // namespace fabric::dashboard
