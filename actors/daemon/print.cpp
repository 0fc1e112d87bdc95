#include "actors/daemon/print.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "actors/daemon/standard_output.hpp"

namespace fabric::daemon {

namespace {

/// Columns a text takes: continuation bytes of UTF-8 take none.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// Set before the command runs, by the one thread that there is.
bool spells_faults_in_json = false;

std::string_view spell(retry_advice advice) {
  switch (advice) {
    case retry_advice::never: return "never";
    case retry_advice::same_key: return "same_key";
    case retry_advice::later: return "later";
  }
  return "never";
}

}  // namespace

void complain_in_json_too() { spells_faults_in_json = true; }

json to_json(const fault& why) {
  return {{"code", name_of(why.code)},
          {"retry", spell(advice_of(why.code))},
          {"detail", why.detail},
          {"hint", why.hint}};
}

int complain(const fault& why) {
  if (spells_faults_in_json) print_line({{"error", to_json(why)}});
  return remark(why);
}

int remark(const fault& why) {
  (void)output_works();  // what was written before comes before
  std::fprintf(stderr, "fabricd: %s\n", to_line(why).c_str());
  return exit_status_of(why.code);
}

std::string document_text(const json& document) {
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void print(const json& document) { write_output(document_text(document)); }

void print_line(const json& document) {
  write_output(document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

std::string printable(const std::string& text) {
  std::string safe = text;
  for (char& c : safe)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return safe;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto cell = printable(row[i]);
      line += cell;
      if (i + 1 < row.size()) line.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    text += line + "\n";
  }
  return text;
}

std::string counted(std::uint64_t many, const std::string& noun) {
  return std::to_string(many) + " " + noun + (many == 1 ? "" : "s");
}

std::string amount_text(const std::string& resource, const json& amount) {
  std::array<char, 32> text{};
  const double value = amount.is_number() ? amount.get<double>() : 0.0;
  if (resource != "memory") {
    std::snprintf(text.data(), text.size(), "%g", value);
    return text.data();
  }
  constexpr double gib = 1024.0 * 1024.0 * 1024.0;
  constexpr double mib = 1024.0 * 1024.0;
  if (value >= gib)
    std::snprintf(text.data(), text.size(), "%.1f GiB", value / gib);
  else if (value > 0)
    std::snprintf(text.data(), text.size(), "%.0f MiB", value / mib);
  else
    return "0";
  return text.data();
}

}  // namespace fabric::daemon
